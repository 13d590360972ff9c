"""Reading text modules."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from helpdesk.textmodules.models import TextModule, TextModuleUse

LATELY = 10


def modules_of(authority_id: int) -> QuerySet[TextModule]:
    """Return all text modules of an authority by title, texts included."""
    modules = TextModule.objects.filter(authority_id=authority_id)
    return modules.select_related("team").prefetch_related("texts").order_by("title")


def search_modules(modules: Iterable[TextModule], words: str) -> list[TextModule]:
    """Narrow to modules that hold every word in title, keywords or wording, in any case.

    A town has some hundred of them, which are read anyway to be shown; so no index is asked.
    """
    wanted = words.casefold().split()
    return [module for module in modules if all(word in _said(module) for word in wanted)]


def _said(module: TextModule) -> str:
    bodies = (text.body for text in module.texts.all())
    return "\n".join((module.title, module.keywords, *bodies)).casefold()


def modules_for_team(*, authority_id: int, team_id: int, words: str = "") -> list[TextModule]:
    """Return the active modules an agent may insert into an answer of this team."""
    return search_modules(_usable(authority_id, team_id), words)


def _usable(authority_id: int, team_id: int) -> QuerySet[TextModule]:
    return modules_of(authority_id).filter(Q(team=None) | Q(team_id=team_id), is_active=True)


def module_for_team(*, authority_id: int, team_id: int, module_id: int) -> TextModule | None:
    """Return one of them, None for any other."""
    return _usable(authority_id, team_id).filter(pk=module_id).first()


@dataclass(frozen=True, slots=True)
class Habits:
    """Which modules were used for a topic by anybody, and lately by one agent; the last first."""

    of_topic: frozenset[int]
    lately: tuple[int, ...]


def habits_of(user_id: int, *, topic_id: int | None) -> Habits:
    """Return what was used before, by which the lists of modules are sorted."""
    mine = TextModuleUse.objects.filter(user_id=user_id).values("module_id")
    lately = (
        mine.annotate(last=Max("used_at")).order_by("-last").values_list("module_id", flat=True)
    )
    of_topic = TextModuleUse.objects.filter(topic_id=topic_id or 0).exclude(topic_id=0)
    return Habits(frozenset(of_topic.values_list("module_id", flat=True)), tuple(lately[:LATELY]))
