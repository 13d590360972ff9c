"""Reading text modules."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from helpdesk.textmodules.models import TextModule


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
    usable = modules_of(authority_id).filter(Q(team=None) | Q(team_id=team_id), is_active=True)
    return search_modules(usable, words)
