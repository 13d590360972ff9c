"""Reads what our own mail server says about a mail's authenticity (RFC 8601), and nobody else."""

import re
from collections.abc import Iterator, Sequence

# Outside a comment a quoted string, an escaped sign, or what opens, closes and divides.
_OUTSIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[();"]', re.DOTALL)
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_DEPTH = {"(": 1, ")": -1}
_METHOD = re.compile(r"\s*(dmarc|dkim|spf)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_FAILURE = re.compile(r"\b(dmarc|spf)\s*=\s*fail\b", re.IGNORECASE)


class _UnclearError(Exception):
    """A comment or a quoted string that ends nowhere or too soon: what it holds can't be told."""


def trusted_results(headers: Sequence[str], authserv_id: str) -> dict[str, str]:
    """Return method → result of the topmost header that carries our server's identity.

    Headers of other identities may be forged and are not looked at; nor is a
    second one of ours below the first, since a sender can write that too
    (mail.md 55). Without a configured identity nothing is trusted.

    Our server repeats what a sender chose, the address of the envelope above all, and
    ``dmarc=pass@evil.example`` is one. So a result counts only where a statement begins
    (RFC 8601 2.2), never in a comment, a quoted string or a property.
    """
    wanted = authserv_id.strip().lower()
    if not wanted:
        return {}
    for header in headers:
        if _identity(header) == wanted:
            return _read(header)
    return {}


def has_failed(results: dict[str, str]) -> bool:
    """Tell whether the sender's domain disowns the mail: DMARC, else SPF without DKIM, failed."""
    if "dmarc" in results:
        return results["dmarc"] == "fail"
    return results.get("spf") == "fail" and results.get("dkim") != "pass"


def _identity(header: str) -> str:
    try:
        first = next(_statements(header), "")
    except _UnclearError:
        return ""
    return next(iter(first.split()), "").strip('"').lower()


def _read(header: str) -> dict[str, str]:
    """Return the results; of several DKIM signatures the best counts, of all else the worst."""
    found: dict[str, str] = {}
    try:
        statements = list(_statements(header))[1:]
    except _UnclearError:
        # Nothing good is believed of what can't be read as it was meant.
        return {method.lower(): "fail" for method in _FAILURE.findall(header)}
    for matched in filter(None, map(_METHOD.match, statements)):
        method, result = (part.lower() for part in matched.groups())
        decisive = "pass" if method == "dkim" else "fail"
        if result == decisive or found.get(method) in {None, "pass"} - {decisive}:
            found[method] = result
    return found


def _statements(header: str) -> Iterator[str]:
    """Yield what stands between the semicolons, without comments (RFC 5322 3.2.2)."""
    kept: list[str] = []
    depth = at = 0
    while piece := (_IN_COMMENT if depth else _OUTSIDE).search(header, at):
        sign = piece.group()
        if not depth:
            kept.append(header[at : piece.start()])
        at = piece.end()
        if depth or sign == "(":
            depth += _DEPTH.get(sign, 0)
        elif sign == ";":
            yield " ".join(kept)
            kept = []
        elif sign in {'"', ")"}:
            raise _UnclearError
        else:
            kept.append(sign)
    if depth:
        raise _UnclearError
    yield " ".join([*kept, header[at:]])
