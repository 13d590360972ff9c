"""Whether our own mail proves where it comes from: SPF, DKIM and DMARC of our domain.

Anliegen signs nothing and asks no DNS: it reads what the receiving server wrote on the
test mail that a sender sent to itself (RFC 8601), and says what is to be published.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext

from channels_in.mail.authentication import trusted_results
from channels_in.mail.fields import find_authentication_results
from channels_in.mail.headers import split_head
from helpdesk.outbox.check import Step

METHODS = ("spf", "dkim", "dmarc")


def proof_step(head: bytes, *, authserv_id: str, address: str) -> Step | None:
    """Return the step of a test that says how our mail is received; None if nobody would say."""
    if not authserv_id.strip():
        return None
    title = gettext("The mail proves its sender (SPF, DKIM, DMARC)")
    headers, _body = split_head(head)
    results = trusted_results(find_authentication_results(headers), authserv_id)
    if not results:
        words = gettext(
            "The server wrote no result on the test mail; perhaps it does not check mail from "
            "inside. Send a mail to another provider and look at its original there."
        )
        return Step("proof", title, is_ok=None, words=words)
    domain = address.rpartition("@")[2]
    missing = [method for method in METHODS if results.get(method) != "pass"]
    quote = " ".join(f"{method}={results[method]}" for method in METHODS if method in results)
    words = " ".join(ADVICE[method](domain) for method in missing)
    return Step("proof", title, is_ok=not missing, words=words, quote=quote)


def _spf(domain: str) -> str:
    text = gettext("SPF: publish a TXT record of %(domain)s that names the server which sends.")
    return text % {"domain": domain}


def _dkim(domain: str) -> str:
    text = gettext("DKIM: let your mail server sign for %(domain)s and publish its record.")
    return text % {"domain": domain}


def _dmarc(domain: str) -> str:
    text = gettext("DMARC: publish a TXT record of _dmarc.%(domain)s.")
    return text % {"domain": domain}


ADVICE: Mapping[str, Callable[[str], str]] = {"spf": _spf, "dkim": _dkim, "dmarc": _dmarc}
