"""The two mails of accounts: one signs in, one proves a further address."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from helpdesk.accounts.domain.links import ADDRESS_LIFETIME, LIFETIME, Wish, make_link
from helpdesk.agents.models import Authority
from helpdesk.notifications.account_mails import absolute
from helpdesk.notifications.portal_mails import (
    ADDRESS_LINK,
    SIGN_IN_LINK,
    Asker,
    PortalMail,
    Turn,
    queue_portal_mail,
    take_turn,
)

PAGES = {SIGN_IN_LINK: "portal:sign_in_link", ADDRESS_LINK: "portal:account_address_confirm"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for on a page, in which language, and as who it is counted."""

    authority: Authority
    wish: Wish
    language: str
    asker: Asker


def mail_link(*, asked: Asked) -> bool:
    """Count the asking, make a link and mail it, both or neither; False where no mail may leave.

    Whoever asks is told the same in any case.
    """
    kind = ADDRESS_LINK if asked.wish.account else SIGN_IN_LINK
    turn = take_turn(kind=kind, email=asked.wish.email, asker=asked.asker)
    return _mail(asked, kind, turn)


@transaction.atomic
def _mail(asked: Asked, kind: str, turn: Turn) -> bool:
    path = reverse(PAGES[kind], args=[make_link(wish=asked.wish)])
    mail = PortalMail(
        kind=kind,
        authority=asked.authority,
        email=asked.wish.email,
        link=absolute(path, asked.authority),
        language=asked.language,
        turn=turn,
        lasts=ADDRESS_LIFETIME if asked.wish.account else LIFETIME,
    )
    is_queued = queue_portal_mail(mail=mail)
    transaction.set_rollback(not is_queued)
    return is_queued
