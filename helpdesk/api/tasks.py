"""What this room does by itself, once in a while."""

from celery import shared_task
from django.utils import timezone

from helpdesk.api import idempotency, uploads
from helpdesk.api.models import KeptAnswer


@shared_task(name="api.tidy")
def tidy() -> int:
    """Delete answers and uploads that nobody may ask for any more; return how many."""
    now = timezone.now()
    answers = KeptAnswer.objects.filter(created_at__lt=now - idempotency.KEEP).delete()[0]
    return answers + uploads.forget_old()
