"""Whether who wrote a mail that was too large is told so: no machine, no forged address."""

from channels_in.limits import MAX_MAIL_BYTES
from channels_in.mail.authentication import trusted_results
from channels_in.mail.parsed import ParsedMail
from channels_in.models import RawMessage
from channels_in.store import is_cut
from helpdesk.lib.addresses import normalise
from helpdesk.notifications.oversize import queue_notice
from helpdesk.notifications.recipients import receipt_address, why_withheld
from helpdesk.tickets.inbound import Inbound, Receipt
from helpdesk.tickets.models import Article


def tell(raw: RawMessage, mail: ParsedMail, inbound: Inbound, receipt: Receipt) -> None:
    """Queue the notice, in the transaction of the filing, if the account's policy wants it."""
    if not raw.account.tells_oversize or not is_cut(raw):
        return
    if not _is_known_person(raw, mail, inbound):
        return
    article = Article.objects.select_related("ticket__authority", "ticket__team").get(
        pk=receipt.article_id
    )
    # To From alone: that is whom the checking server vouches for.
    address = normalise(inbound.person.email)
    if address != receipt_address(article) or why_withheld(article, address):
        return
    queue_notice(article=article, address=address, size=raw.size, limit=MAX_MAIL_BYTES)


def _is_known_person(raw: RawMessage, mail: ParsedMail, inbound: Inbound) -> bool:
    results = trusted_results(mail.authentication_results, raw.account.authserv_id)
    is_machine = inbound.is_automatic or inbound.is_own_loop or inbound.is_old
    return results.get("dmarc") == "pass" and not is_machine
