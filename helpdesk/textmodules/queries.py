"""Reading text modules."""

from django.db.models import Q, QuerySet

from helpdesk.textmodules.models import TextModule


def modules_of(authority_id: int) -> QuerySet[TextModule]:
    """Return all text modules of an authority by title, texts included."""
    modules = TextModule.objects.filter(authority_id=authority_id)
    return modules.select_related("team").prefetch_related("texts").order_by("title")


def search_modules(modules: QuerySet[TextModule], words: str) -> QuerySet[TextModule]:
    """Narrow to modules that hold every word in title, keywords or wording."""
    for word in words.split()[:8]:
        found = (
            Q(title__icontains=word) | Q(keywords__icontains=word) | Q(texts__body__icontains=word)
        )
        modules = modules.filter(found)
    return modules.distinct()


def modules_for_team(*, authority_id: int, team_id: int, words: str = "") -> QuerySet[TextModule]:
    """Return the active modules an agent may insert into an answer of this team."""
    usable = modules_of(authority_id).filter(Q(team=None) | Q(team_id=team_id), is_active=True)
    return search_modules(usable, words)
