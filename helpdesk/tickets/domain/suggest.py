"""Which topics a text is about, computed here: nothing of it leaves the machine.

A topic is found by its name and its hint, both in German and in English, by the words
citizens use for it (keywords), by the name of the topic above it, and by the words of the
town's own requests (domain/learn.py).
A word that few topics have tells more than one that many have.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from django.db.models import Q

from helpdesk.lib.german import tokens
from helpdesk.tickets.models import Category

# How much a word counts by where it stands.
WEIGHTS: Mapping[str, float] = {"keywords": 3.0, "name": 3.0, "description": 1.0, "parent": 0.7}
# A learned word that every request of its topic had would count so much.
LEARNED = 2.0
# The beginning of a letter says what it is about.
READ_CHARACTERS = 4000
# Less than this is chance: one word of a hint that half the topics share.
LEAST = 0.8
CACHED = 2000
# Words of English names and hints that say nothing.
ENGLISH_FILLERS = frozenset(
    {
        *("a", "an", "and", "are", "at", "by", "for", "from", "in", "is", "it", "my", "new"),
        *("not", "of", "on", "or", "the", "to", "was", "with", "your"),
    }
)


def suggest_topics(authority_id: int, text: str, limit: int = 3) -> list[Category]:
    """Return the topics of the portal that fit the text, the best first; empty if none does."""
    topics = offered_topics(authority_id)
    return rank(topics, text)[:limit]


def offered_topics(authority_id: int) -> list[Category]:
    """Return the topics that citizens may choose, in the order of the tree."""
    rows = Category.objects.filter(authority_id=authority_id, is_active=True, in_portal=True)
    # What stands below a topic that is switched off is not offered either.
    shown = rows.filter(Q(parent=None) | Q(parent__is_active=True, parent__in_portal=True))
    topics = list(shown.select_related("parent", "learned"))
    return sorted(topics, key=place_in_tree)


def place_in_tree(topic: Category) -> tuple[int, str, bool, int, str]:
    """Return by what topics are sorted as the settings order them; reads ``parent``."""
    top = topic.parent or topic
    return (top.position, top.name, topic.parent is not None, topic.position, topic.name)


def choosable(topics: Sequence[Category]) -> list[Category]:
    """Return the leaves: a topic with topics below it only groups them."""
    parents = {topic.parent_id for topic in topics}
    return [topic for topic in topics if topic.pk not in parents]


def rank(topics: Sequence[Category], text: str) -> list[Category]:
    """Return the choosable topics that fit, the best first; equals keep their order."""
    said = Counter(tokens(text[:READ_CHARACTERS]))
    leaves = choosable(topics)
    profiles = [_profile(topic) for topic in leaves]
    spread = Counter(word for profile in profiles for word in profile)
    scores = {
        topic.pk: sum(
            weight * _rarity(spread[word], len(leaves)) * math.sqrt(said[word])
            for word, weight in profile.items()
            if word in said
        )
        for topic, profile in zip(leaves, profiles, strict=True)
    }
    fitting = [topic for topic in leaves if scores[topic.pk] >= LEAST]
    return sorted(fitting, key=lambda topic: -scores[topic.pk])


def _rarity(topics_with_it: int, topics: int) -> float:
    return math.log(1 + topics / topics_with_it)


def _profile(topic: Category) -> Mapping[str, float]:
    """Return the words of a topic with the weight of the strongest place each stands in."""
    sources = {
        "keywords": topic.keywords,
        "name": f"{topic.name} {_telling(topic.name_en)}",
        "description": f"{topic.description} {_telling(topic.description_en)}",
        "parent": f"{topic.parent.name} {_telling(topic.parent.name_en)}" if topic.parent else "",
    }
    profile: dict[str, float] = {}
    for source, text in sources.items():
        for word in _words(text):
            profile[word] = max(profile.get(word, 0.0), WEIGHTS[source])
    for word, weight in _learned(topic):
        profile[word] = max(profile.get(word, 0.0), weight)
    return profile


def _telling(english: str) -> str:
    return " ".join(word for word in english.split() if word.casefold() not in ENGLISH_FILLERS)


def _learned(topic: Category) -> Iterator[tuple[str, float]]:
    """Yield the words of the topic's own requests by how many of them have the word."""
    learned = getattr(topic, "learned", None)
    if learned is None or not learned.requests:
        return
    for word, people in learned.words.items():
        yield word, LEARNED * math.sqrt(people / learned.requests)


@lru_cache(maxsize=CACHED)
def _words(text: str) -> frozenset[str]:
    return frozenset(tokens(text))
