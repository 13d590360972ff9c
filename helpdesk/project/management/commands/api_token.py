"""Make a personal access key on the machine itself, for automated set-up."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.agents.domain.tokens import TokenDetails, make_personal_token
from helpdesk.agents.models import User, UserKind
from helpdesk.agents.scopes import SCOPES


class Command(BaseCommand):
    """Prints the key of an agent, once; only its digest is kept."""

    help = "make an access key to the interface for an agent, and print it"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose key it is, what it is called, may do, and for how long."""
        parser.add_argument("email", help="the agent's address for signing in")
        parser.add_argument("--name", required=True, help="what the history calls it")
        parser.add_argument("--scope", action="append", choices=list(SCOPES), help="default: all")
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the key."""
        user = User.objects.filter(
            email__iexact=options["email"], kind=UserKind.STAFF, is_active=True
        ).first()
        if user is None:
            raise CommandError("There is no such agent.")
        scopes = tuple(options["scope"] or SCOPES)
        details = TokenDetails(options["name"], scopes, options["days"])
        try:
            _, secret = make_personal_token(user=user, details=details)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(secret)
