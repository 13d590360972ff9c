"""``manage.py retry_quarantine``: puts quarantined mails back, after an upgrade for instance."""

from django.core.management.base import BaseCommand, CommandParser

from channels_in import process, quarantine
from channels_in.models import RawMessage


class Command(BaseCommand):
    """Try all quarantined mails again, or those named by their ids, and say how it went."""

    help = "Try quarantined mails again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ids of raw messages."""
        parser.add_argument("ids", nargs="*", type=int, help="ids of raw mails; none means all")

    def handle(self, *_args: object, **options: list[int]) -> None:
        """Put back, process, count."""
        waiting = RawMessage.objects.filter(state=RawMessage.State.QUARANTINED)
        if options["ids"]:
            waiting = waiting.filter(pk__in=options["ids"])
        ids = [pk for pk in waiting.values_list("pk", flat=True) if quarantine.retry(raw_id=pk)]
        process.drain()
        left = RawMessage.objects.filter(pk__in=ids, state=RawMessage.State.QUARANTINED).count()
        self.stdout.write(f"{len(ids)} tried again, {left} are in quarantine still.")
