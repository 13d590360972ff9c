"""Erasing an account of the portal with all that hangs on its addresses besides requests."""

from django.db import transaction

from helpdesk.accounts.domain.sessions import delete_account
from helpdesk.accounts.models import PortalAccount
from helpdesk.forms.domain.drafts import forget_contact
from helpdesk.notifications.following import stop_following
from helpdesk.notifications.models import Follower
from helpdesk.notifications.portal_mails import forget_mails_to


@transaction.atomic
def erase_account(*, account: PortalAccount) -> None:
    """Delete an account, what it follows, its mails of ours, and its addresses in begun reports.

    Requests are the town's files and stay, and so does every word of a report that was begun:
    its writer, who may be somebody else, is asked again how to be reached.
    """
    authority_id = account.authority_id
    emails = list(account.addresses.values_list("normalised", flat=True))
    followers = Follower.objects.filter(ticket__authority_id=authority_id, email__in=emails)
    for follower_id in list(followers.order_by("id").values_list("pk", flat=True)):
        stop_following(follower_id=follower_id)
    forget_contact(authority_id=authority_id, emails=emails)
    delete_account(account=account)
    forget_mails_to(authority_id=authority_id, emails=emails)
