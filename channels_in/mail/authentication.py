"""Reads what our own mail server says about a mail's authenticity (RFC 8601), and nobody else."""

import re
from collections.abc import Sequence

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)


def trusted_results(headers: Sequence[str], authserv_id: str) -> dict[str, str]:
    """Return method → result of the topmost header that carries our server's identity.

    Headers of other identities may be forged and are not looked at; nor is a
    second one of ours below the first, since a sender can write that too
    (mail.md 55). Without a configured identity nothing is trusted. Of several
    DKIM signatures one that passes is enough.
    """
    wanted = authserv_id.strip().lower()
    if not wanted:
        return {}
    for header in headers:
        identity, _, results = _COMMENT.sub(" ", header).partition(";")
        if identity.split()[:1] and identity.split()[0].lower() == wanted:
            return _read(results)
    return {}


def has_failed(results: dict[str, str]) -> bool:
    """Tell whether the sender's domain disowns the mail: DMARC, else SPF without DKIM, failed."""
    if "dmarc" in results:
        return results["dmarc"] == "fail"
    return results.get("spf") == "fail" and results.get("dkim") != "pass"


def _read(results: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(results):
        name = method.lower()
        if found.get(name) != "pass":
            found[name] = result.lower()
    return found
