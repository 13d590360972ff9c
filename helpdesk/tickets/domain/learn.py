"""Learns from a town's own requests which words citizens use for which topic.

What is learned stays in this database. A word counts once for each person, and only
words that several people used are kept: nothing of it points to one of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from helpdesk.lib.german import tokens
from helpdesk.tickets.models import Article, Category, CategoryWords, Ticket

# The newest requests of a topic teach best, and this many are enough.
NEWEST: Final = 400
READ_CHARACTERS: Final = 2000
PEOPLE: Final = 2
MOST_WORDS: Final = 150


def learn_topics() -> int:
    """Learn anew for every topic that has requests; return for how many.

    For a background task: it reads up to NEWEST requests a topic.
    """
    topics = Category.objects.filter(is_active=True, tickets__isnull=False).distinct()
    for topic in topics.order_by("pk"):
        _learn(topic)
    return len(topics)


@transaction.atomic
def _learn(topic: Category) -> None:
    requests, people = 0, defaultdict[str, set[int]](set)
    for person, text in _descriptions(topic):
        requests += 1
        for word in set(tokens(text)):
            if word.isalpha():
                people[word].add(person)
    counts = Counter({word: len(who) for word, who in people.items() if len(who) >= PEOPLE})
    CategoryWords.objects.update_or_create(
        category=topic,
        defaults={
            "requests": requests,
            "words": dict(counts.most_common(MOST_WORDS)),
            "learned_at": timezone.now(),
        },
    )


def _descriptions(topic: Category) -> Iterator[tuple[int, str]]:
    """Yield who asked and what they first wrote, of the newest requests of a topic.

    Who is unknown counts as somebody else each time, told by a number below zero.
    """
    tickets = Ticket.objects.filter(category=topic).order_by("-id")[:NEWEST]
    rows = tickets.annotate(first=Min("articles__id")).values_list(
        "id", "citizen_id", "title", "first"
    )
    newest = list(rows)
    texts = dict(
        Article.objects.filter(pk__in=[row[3] for row in newest]).values_list("pk", "text")
    )
    for ticket_id, citizen_id, title, first in newest:
        yield citizen_id or -ticket_id, f"{title}\n{texts.get(first, '')[:READ_CHARACTERS]}"
