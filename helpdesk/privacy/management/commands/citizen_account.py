"""Command for requests by letter about accounts of the portal (GDPR, articles 15 and 17)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.accounts.models import PortalAccount
from helpdesk.lib.addresses import normalise
from helpdesk.privacy.domain.accounts import erase_account
from helpdesk.privacy.holdings import as_text, holdings_of


class Command(BaseCommand):
    """``citizen_account show|erase ADDRESS``; who asks was identified before."""

    help = "Show what is kept of a citizen's account in the portal, or erase it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, a mail address, and the authority where there are several."""
        parser.add_argument("action", choices=("show", "erase"))
        parser.add_argument("address")
        parser.add_argument("--authority", default="", help="the name of the authority")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Show the account as JSON, or erase it."""
        account = self._find(options["address"], options["authority"])
        if options["action"] == "show":
            found = holdings_of(account)
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, default=as_text))
            return
        erase_account(account=account)
        self.stdout.write("erased; requests stay with the authority")

    def _find(self, address: str, authority: str) -> PortalAccount:
        found = PortalAccount.objects.filter(addresses__normalised=normalise(address))
        if authority:
            found = found.filter(authority__name=authority)
        accounts = list(found.select_related("authority"))
        if not accounts:
            raise CommandError("no account has this address")
        if len(accounts) > 1:
            names = ", ".join(sorted(account.authority.name for account in accounts))
            raise CommandError(f"several authorities have one; name one by --authority: {names}")
        return accounts[0]
