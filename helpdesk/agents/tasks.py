"""What this room does by itself, once in a while."""

from datetime import timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from helpdesk.agents.models import OneTimeLink

# So long a used or expired link is kept, for whoever asks why it does not work.
KEEP_LINKS = timedelta(days=30)


@shared_task(name="agents.tidy")
def tidy() -> int:
    """Delete old one-time links and expired sessions; return how many links went."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    old = OneTimeLink.objects.filter(expires_at__lt=timezone.now() - KEEP_LINKS)
    return old.delete()[0]
