"""The doors of browser push: an authority switches it on, an agent lets a browser be told.

Push goes by the service of a browser's maker, who learns that somebody is told and when, and can
read nothing (docs/adr/0097). An authority has to want that first.
"""

from collections.abc import Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import Authority, User
from helpdesk.lib.http import ForbiddenAddressError, checked
from helpdesk.lib.secretbox import seal
from helpdesk.lib.tokens import digest
from helpdesk.lib.webpush import BadKeyError, Browser, check_browser, new_identity
from helpdesk.notifications.models import Notice, PushBrowser, PushIdentity

SUBJECT: Final = "browser_push"
# Of one person; the one that was added longest ago makes room.
MOST_BROWSERS: Final = 10
LONGEST_ENDPOINT: Final = 1000


class PushOffError(Exception):
    """The authority has not switched it on."""


class BadBrowserError(ValueError):
    """What a browser sent of itself is no address to push to, or no pair of keys."""


@transaction.atomic
def switch_on(*, authority_id: int, contact: str, user: User) -> PushIdentity:
    """Let agents be told by their browsers; ``contact`` is whom operators of services write to.

    Keys are made once and stay while it is on. Raises ValidationError for a wrong address.
    """
    try:
        validate_email(contact)
    except ValidationError as error:
        words = _("This is no e-mail address. Write it like name@example.org.")
        raise ValidationError({"contact": words}) from error
    # Two at once make one pair of keys.
    Authority.objects.select_for_update(no_key=True).get(pk=authority_id)
    identity = PushIdentity.objects.filter(authority_id=authority_id).first()
    if identity is None:
        private, public = new_identity()
        identity = PushIdentity(
            authority_id=authority_id, public_key=public, private_key=seal(private)
        )
    identity.contact = f"mailto:{contact}"
    identity.save()
    _record(authority_id, user, "switched on")
    return identity


@transaction.atomic
def switch_off(*, authority_id: int, user: User) -> None:
    """Tell no browser any more; keys and browsers are forgotten."""
    if PushIdentity.objects.filter(authority_id=authority_id).delete()[0]:
        PushBrowser.objects.filter(user__authority_id=authority_id).delete()
        waiting = Notice.objects.filter(user__authority_id=authority_id, push_at__isnull=False)
        waiting.update(push_at=None)
        _record(authority_id, user, "switched off")


@transaction.atomic
def add_browser(*, user: User, browser: Browser, name: str) -> PushBrowser:
    """Let a browser be told what is new for ``user``; one that told somebody else is theirs now.

    Only its form is looked at: where the address points to is checked when it is asked. Raises
    PushOffError, BadBrowserError.
    """
    if not PushIdentity.objects.filter(authority_id=user.authority_id).exists():
        raise PushOffError
    try:
        checked(browser.endpoint)
        check_browser(browser)
    except (ForbiddenAddressError, BadKeyError) as error:
        raise BadBrowserError(str(error)) from error
    if len(browser.endpoint) > LONGEST_ENDPOINT:
        raise BadBrowserError("the address is too long")
    values = {
        "user": user,
        "endpoint": seal(browser.endpoint),
        "p256dh": seal(browser.p256dh),
        "auth": seal(browser.auth),
        "name": " ".join(name.replace("\0", "").split())[:80],
        "failure": "",
        # Nothing is left of whom it told before, nor of when that was.
        "created_at": timezone.now(),
        "told_at": None,
    }
    row, _is_new = PushBrowser.objects.update_or_create(
        digest=digest(browser.endpoint), defaults=values
    )
    _make_room(user)
    return row


def _make_room(user: User) -> None:
    mine = PushBrowser.objects.filter(user=user).order_by("-created_at", "-id")
    surplus = list(mine.values_list("pk", flat=True)[MOST_BROWSERS:])
    PushBrowser.objects.filter(pk__in=surplus).delete()


@transaction.atomic
def remove_browser(*, user: User, browser_id: int) -> bool:
    """Tell a browser of one's own nothing any more; False if there is no such one."""
    return bool(PushBrowser.objects.filter(user=user, pk=browser_id).delete()[0])


@transaction.atomic
def forget_browser(*, user: User, digest: str) -> None:
    """Tell a browser nothing any more of ``user``, who leaves it; ``digest`` names it."""
    PushBrowser.objects.filter(user=user, digest=digest).delete()


@transaction.atomic
def hand_over_browser(*, user: User, digest: str) -> None:
    """Tell a browser nothing any more of others, now that ``user`` sits before it."""
    PushBrowser.objects.filter(digest=digest).exclude(user=user).delete()


def identity_of(authority_id: int) -> PushIdentity | None:
    """Return the keys of an authority, None while push is off."""
    return PushIdentity.objects.filter(authority_id=authority_id).first()


def browsers_of(user: User) -> Sequence[PushBrowser]:
    """Return the browsers that are told, the newest first."""
    return list(PushBrowser.objects.filter(user=user).order_by("-created_at", "-id"))


def _record(authority_id: int, user: User, action: str) -> None:
    record_setting(
        subject=(SUBJECT, authority_id), authority_id=authority_id, user=user, action=action
    )
