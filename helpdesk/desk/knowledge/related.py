"""The related answers of an answer: looked for by words, chosen from a list, in an order.

Without scripts the words are sent with the form, and the page comes back with choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.frame import editable
from helpdesk.desk.numbers import read_id
from helpdesk.permissions.decorators import verb_required
from knowledgebase.enums import State
from knowledgebase.models import Answer
from knowledgebase.queries import chosen_for, titles_for_editors
from knowledgebase.rules import WRITE, editable_by
from knowledgebase.search import search_working

LONGEST = 200
SHORTEST = 2
OFFERED = 8
# Nobody may choose so many; more was not typed by a person.
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that is chosen or can be; ``is_there``: this editor may know of it."""

    key: int
    title: str
    note: str = ""
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class Picker:
    """What the field shows: the chosen ones in their order, the words, what they found."""

    chosen: Sequence[Candidate]
    words: str = ""
    found: Sequence[Candidate] = ()
    is_asking: bool = False


def picker_of(answer: Answer, user: User) -> Picker:
    """Return the field as it stands in the database."""
    return Picker(
        _candidates(list(chosen_for(answer, editable_by(user)).select_related("section")))
    )


def picker_sent(request: HttpRequest, answer: Answer, *, is_live: bool = False) -> Picker:
    """Return the field as it was sent; words that nothing was found for yet are a question.

    ``is_live`` offers published answers alone.
    """
    user = agent_of(request)
    sent = (read_id(value) for value in request.POST.getlist("related")[:MOST_SHOWN])
    chosen = _in_order(user, [key for key in dict.fromkeys(sent) if key is not None])
    words = words_in(request.POST.get("related_words", ""))
    is_new = words != words_in(request.POST.get("related_asked", ""))
    if not words or not (is_new or "find" in request.POST):
        return Picker(chosen)
    known = {one.key for one in chosen}
    offered = find_candidates(answer, user, words, is_live=is_live)
    found = [one for one in offered if one.key not in known]
    return Picker(chosen, words, found, is_asking=True)


def words_in(typed: str) -> str:
    """Return what was typed as one line, cut, without what no database takes."""
    return " ".join(typed[:LONGEST].replace("\0", " ").split())


def find_candidates(
    answer: Answer, user: User, words: str, *, is_live: bool = False
) -> list[Candidate]:
    """Return answers ``user`` may edit that hold the words; a number names its answer first."""
    keys = [read_id(words), *search_working(user, words, typing=True).keys]
    wanted = [key for key in dict.fromkeys(keys) if key not in {None, answer.pk}]
    if is_live:
        live = editable_by(user).filter(pk__in=wanted, state=State.PUBLISHED)
        there = set(live.values_list("pk", flat=True))
        wanted = [key for key in wanted if key in there]
    found = _in_order(user, wanted[: OFFERED + 1])
    return [one for one in found if one.is_there][:OFFERED]


def _in_order(user: User, keys: Sequence[int]) -> list[Candidate]:
    """Return the answers of ``keys`` in this order; what is not there keeps its number."""
    rows = editable_by(user).filter(pk__in=keys).select_related("section") if keys else ()
    there = {one.key: one for one in _candidates(list(rows))}
    return [there.get(key) or Candidate(key, str(key), is_there=False) for key in keys]


def _candidates(answers: Sequence[Answer]) -> list[Candidate]:
    titles = titles_for_editors(answers) if answers else {}
    return [Candidate(one.pk, titles[one.pk] or str(one.pk), _note(one)) for one in answers]


def _note(answer: Answer) -> str:
    """Return where an answer stands, and its state when readers do not see it."""
    state = "" if answer.state == State.PUBLISHED else answer.get_state_display()
    return " · ".join(filter(None, (answer.section.name, state)))


@verb_required(WRITE)
@require_safe
def suggestions(request: HttpRequest, answer_id: int) -> JsonResponse:
    """Return answers for what has been typed so far."""
    answer = editable(request, answer_id)
    words = words_in(request.GET.get("q", ""))
    is_worth = len(words) >= SHORTEST or words.isdecimal()
    user, is_live = agent_of(request), "live" in request.GET
    found = find_candidates(answer, user, words, is_live=is_live) if is_worth else []
    results = [{"key": one.key, "title": one.title, "note": one.note} for one in found]
    return JsonResponse({"results": results})
