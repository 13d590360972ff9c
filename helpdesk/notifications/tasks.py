"""What Celery wakes in this room."""

from celery import shared_task

from helpdesk.notifications.follower_mails import TASK as FOLLOWERS
from helpdesk.notifications.follower_mails import tell_due
from helpdesk.notifications.following import forget_followers
from helpdesk.notifications.mailing import TASK as MAIL_TASK
from helpdesk.notifications.mailing import mail_due
from helpdesk.notifications.notices import forget_old
from helpdesk.notifications.pushing import TASK as PUSH_TASK
from helpdesk.notifications.pushing import push_due
from helpdesk.notifications.rating_mails import TASK as RATINGS
from helpdesk.notifications.rating_mails import ask_for_ratings
from helpdesk.notifications.sender_alarms import TASK as ALARM_TASK
from helpdesk.notifications.sender_alarms import raise_alarms
from helpdesk.notifications.status_links import TASK, answer_link_requests


@shared_task(name=RATINGS)
def ask_ratings() -> None:
    """Ask citizens how it went."""
    ask_for_ratings()


@shared_task(name=TASK)
def send_links() -> None:
    """Mail the links that were asked for."""
    answer_link_requests()


@shared_task(name=MAIL_TASK)
def mail_notices() -> None:
    """Mail agents what they were told and have not read yet."""
    mail_due()


@shared_task(name=PUSH_TASK)
def push() -> None:
    """Tell browsers what their users have not read yet."""
    push_due()


@shared_task(name=FOLLOWERS)
def tell_followers() -> None:
    """Mail those who follow somebody else's request what is new."""
    tell_due()


@shared_task(name=ALARM_TASK)
def alarm() -> None:
    """Tell administrators of senders by whom nothing leaves."""
    raise_alarms()


@shared_task(name="notifications.tidy")
def tidy() -> None:
    """Remove what was read long ago, and followers of what ended long ago."""
    forget_old()
    forget_followers()
