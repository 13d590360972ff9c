"""Says which topics a text is about, and how often that is right."""

import tomllib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.agents.models import Authority
from helpdesk.agents.queries import first_authority
from helpdesk.tickets.domain.learn import learn_topics
from helpdesk.tickets.domain.suggest import suggest_topics

SHOWN = 3


class Command(BaseCommand):
    """``manage.py suggest_topics TEXT``, or ``--measure FILE`` for the hit rate on known texts."""

    help = "Suggest topics for a text, or measure suggestions on a file of descriptions by topic."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a text, a file to measure by, or the wish to learn first."""
        parser.add_argument("text", nargs="?", default="", help="what a citizen would write")
        parser.add_argument("--measure", type=Path, help="TOML: [descriptions], topic = [texts]")
        parser.add_argument("--learn", action="store_true", help="learn from the requests first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the suggestions, or the hit rate among the first one and the first three."""
        authority = first_authority()
        if authority is None:
            raise CommandError("There is no authority yet. Start Anliegen once.")
        if options["learn"]:
            self.stdout.write(f"learned from the requests of {learn_topics()} topics")
        if options["measure"]:
            self._measure(authority, options["measure"])
        elif options["text"]:
            for topic in suggest_topics(authority.pk, options["text"], SHOWN):
                self.stdout.write(topic.name)
        elif not options["learn"]:
            raise CommandError("Give a text in quotes, or --measure with a file.")

    def _measure(self, authority: Authority, path: Path) -> None:
        known = tomllib.loads(path.read_text(encoding="utf-8"))["descriptions"]
        first = among = total = 0
        for topic, texts in known.items():
            for text in texts:
                names = [found.name for found in suggest_topics(authority.pk, text, SHOWN)]
                total += 1
                first += names[:1] == [topic]
                among += topic in names
                if topic not in names:
                    self.stdout.write(f"missed: {text} ({topic}; {', '.join(names) or 'nothing'})")
        self.stdout.write(
            f"{total} descriptions: {first / total:.0%} first, {among / total:.0%} among {SHOWN}"
        )
