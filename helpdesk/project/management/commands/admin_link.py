"""Print a one-time link that makes an administrator, for whoever may run commands here."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from helpdesk.agents.models import User, UserKind
from helpdesk.project.setup import administrator_link


class Command(BaseCommand):
    """The way in while nobody can administer, and the way back for somebody locked out."""

    help = (
        "Prints a link that works once and for 72 hours. Without an option whoever opens it "
        "enters name and address and becomes an administrator. With --email it lets that agent "
        "in again: a new password, no second factor, the right to administer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of an agent."""
        parser.add_argument("--email", default="", help="address of an agent who is locked out")

    def handle(self, *_args: object, email: str, **_options: object) -> None:
        """Mint and print; links printed before stop working."""
        user = None
        if email:
            staff = User.objects.filter(kind=UserKind.STAFF)
            user = staff.filter(email=email.strip().lower()).first()
            if user is None:
                raise CommandError(f"There is no agent with the address {email}.")
        self.stdout.write(administrator_link(user))
