"""What tickets are made of: categories, questions, teams, text modules; and the token itself."""

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.agents.models import Membership, Team, User, UserKind
from helpdesk.api import params
from helpdesk.api.base import Endpoint, token_of, user_of
from helpdesk.api.paging import BY_ID, page_response, paginate
from helpdesk.api.problems import Problem
from helpdesk.api.schema import operation
from helpdesk.api.serializers.shapes import (
    CategoryShape,
    MeShape,
    QuestionsShape,
    TeamShape,
    TextModuleShape,
)
from helpdesk.forms.models import FormVersion
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.queries import modules_of
from helpdesk.tickets.models import Category
from helpdesk.tickets.rules import RIGHTS, team_ids

# No header decides it: many programs send one that nobody chose, and keep the names they read.
LANGUAGE = params.choice(
    "language",
    ("de", "en"),
    "The language of the names; `de` where it is not given. "
    "A category without a name in English keeps its German one.",
)
RIGHT_NAMES = tuple(right.removeprefix("can_") for right in RIGHTS.values())


class Categories(Endpoint):
    """The tree of topics."""

    scopes = {"GET": "categories:read"}

    @operation(
        "list_categories",
        "List the categories that are offered",
        response=CategoryShape(many=True),
        params=(*params.PAGING, LANGUAGE),
        paged=True,
    )
    def get(self, request: Request) -> Response:
        """Return one page of categories."""
        given = params.read_params(request, (*params.PAGING, LANGUAGE))
        language = given.pop(LANGUAGE.name, "de")
        page = paginate(request, _categories(user_of(request)), given, BY_ID)
        return page_response(page, [_category(one, language) for one in page.rows])


class Questions(Endpoint):
    """What is asked about a category."""

    scopes = {"GET": "categories:read"}

    @operation(
        "get_questions",
        "Read the questions of a category",
        response=QuestionsShape,
        tag="categories",
    )
    def get(self, request: Request, category_id: int) -> Response:
        """Return the questions in the edition that is valid now."""
        params.read_params(request, ())
        category = _categories(user_of(request)).filter(pk=category_id).first()
        if category is None:
            raise Problem("not_found")
        version = _edition(category)
        shown = {
            "form_version": version.pk if version else None,
            "number": version.number if version else None,
            "published_at": version.published_at if version else None,
            "questions": version.schema if version else [],
        }
        return Response(QuestionsShape(shown).data)


def _edition(category: Category) -> FormVersion | None:
    if category.form_id is None:
        return None
    versions = FormVersion.objects.filter(form_id=category.form_id, published_at__isnull=False)
    return versions.order_by("-number").first()


def _categories(user: User) -> QuerySet[Category]:
    categories = Category.objects.filter(authority_id=user.authority_id, is_active=True)
    return categories.select_related("team")


def _category(category: Category, language: str) -> dict[str, Any]:
    category.has_questions = category.form_id is not None  # type: ignore[attr-defined]  # shown only
    found: dict[str, Any] = CategoryShape(category).data
    return found | {"name": category.name_in(language)}


class Teams(Endpoint):
    """The teams of the authority."""

    scopes = {"GET": "teams:read"}

    @operation(
        "list_teams",
        "List teams, with your rights and the members of your own",
        response=TeamShape(many=True),
        params=params.PAGING,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        """Return one page of teams."""
        given = params.read_params(request, params.PAGING)
        user = user_of(request)
        teams = Team.objects.filter(authority_id=user.authority_id, is_active=True)
        page = paginate(request, teams, given, BY_ID)
        return page_response(page, _teams(user, page.rows))


def _teams(user: User, teams: list[Team]) -> list[Any]:
    held = {name: team_ids(user, f"can_{name}") for name in RIGHT_NAMES}
    own = [team.pk for team in teams if team.pk in held["read"]]
    members: dict[int, list[User]] = {}
    working = Membership.objects.filter(
        team_id__in=own, can_read=True, user__is_active=True, user__kind=UserKind.STAFF
    )
    for member in working.select_related("user").order_by("user__name", "id"):
        members.setdefault(member.team_id, []).append(member.user)
    rows = [
        {
            "id": team.pk,
            "name": team.name,
            "rights": {name: team.pk in held[name] for name in RIGHT_NAMES},
            "members": members.get(team.pk, []),
        }
        for team in teams
    ]
    return list(TeamShape(rows, many=True).data)


class TextModules(Endpoint):
    """The texts that may be used in answers."""

    scopes = {"GET": "text_modules:read"}

    @operation(
        "list_text_modules",
        "List the text modules of your teams",
        response=TextModuleShape(many=True),
        params=params.PAGING,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        """Return one page of text modules."""
        given = params.read_params(request, params.PAGING)
        page = paginate(request, _modules(user_of(request)), given, BY_ID)
        return page_response(page, list(TextModuleShape(page.rows, many=True).data))


def _modules(user: User) -> QuerySet[TextModule]:
    usable = Q(team=None) | Q(team_id__in=team_ids(user, "can_read"))
    return modules_of(user.authority_id).filter(usable, is_active=True)


class Me(Endpoint):
    """The token that asks."""

    @operation("get_me", "Read what this token is and may do", response=MeShape)
    def get(self, request: Request) -> Response:
        """Return the token without its secret."""
        params.read_params(request, ())
        user, token = user_of(request), token_of(request)
        shown = {
            "kind": "service" if user.kind == UserKind.SERVICE else "personal",
            "token": token.name,
            "user": user,
            "authority": user.authority,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
        }
        return Response(MeShape(shown).data)
