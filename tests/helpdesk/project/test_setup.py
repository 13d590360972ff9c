import pytest
from django.utils import timezone

from channels_in.models import Account
from helpdesk.agents.domain.teams import TeamNeededError, deactivate_team
from helpdesk.agents.models import Authority, OneTimeLink, Team, User
from helpdesk.agents.queries import administrators_of
from helpdesk.project.demo import town
from helpdesk.project.setup import NotADemonstrationError, ensure_installation
from helpdesk.sla.models import Agreement
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.placeholders import unknown_placeholders
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Category, Ticket

pytestmark = pytest.mark.django_db


def test_an_empty_installation_gets_what_it_needs_and_a_link() -> None:
    installation = ensure_installation(demo=False)

    agreement = Agreement.objects.get(authority=installation.authority)
    assert (Authority.objects.count(), Team.objects.count(), agreement.is_default) == (1, 1, True)
    assert User.objects.count() == 0
    assert "/a/konto/einladung/" in installation.welcome_lines[-1]


def test_a_second_start_mints_a_new_link_and_nothing_else() -> None:
    first = ensure_installation(demo=False)

    second = ensure_installation(demo=False)

    assert second.authority == first.authority
    assert second.welcome_lines != first.welcome_lines
    assert (Authority.objects.count(), OneTimeLink.objects.count()) == (1, 1)


def test_the_demonstration_is_a_town_at_work() -> None:
    installation = ensure_installation(demo=True)

    assert Ticket.objects.count() == 15
    assert {ticket.status for ticket in Ticket.objects.all()} == {
        "new",
        "open",
        "resolved",
        "waiting_citizen",
        "waiting_third",
    }
    assert (Team.objects.count(), Account.objects.count(), User.objects.count()) == (4, 4, 4)
    assert Category.objects.exclude(parent=None).count() == 12
    assert TextModule.objects.count() == 12
    assert list(administrators_of(installation.authority.pk)) == [
        User.objects.get(email="anna.berger@musterstadt.example")
    ]
    assert any(town.DEMO_PASSWORD in line for line in installation.welcome_lines)


def test_the_demonstration_is_built_once() -> None:
    first = ensure_installation(demo=True)

    second = ensure_installation(demo=True)

    assert second.welcome_lines == first.welcome_lines
    assert Ticket.objects.count() == 15


def test_no_text_module_of_the_demonstration_has_an_unknown_placeholder() -> None:
    ensure_installation(demo=True)

    texts = [text.body for module in TextModule.objects.all() for text in module.texts.all()]

    assert len(texts) == 17
    assert [unknown_placeholders(text) for text in texts] == [()] * 17


def test_no_article_of_the_demonstration_is_from_the_future() -> None:
    ensure_installation(demo=True)

    assert not Article.objects.filter(received_at__gt=timezone.now()).exists()


def test_threads_of_the_demonstration_begin_with_the_citizens_mail() -> None:
    ensure_installation(demo=True)

    first = [
        ticket.articles.order_by("created_at", "pk").first() for ticket in Ticket.objects.all()
    ]

    assert {article.kind for article in first if article} == {ArticleKind.MESSAGE}


def test_a_start_without_the_demonstration_locks_its_passwords() -> None:
    ensure_installation(demo=True)

    installation = ensure_installation(demo=False)

    assert [user.has_usable_password() for user in User.objects.all()] == [False] * 4
    assert "einladung" in installation.welcome_lines[-1]


@pytest.mark.parametrize("began_as_demonstration", [False, True])
def test_a_real_installation_never_becomes_a_demonstration(*, began_as_demonstration: bool) -> None:
    ensure_installation(demo=began_as_demonstration)
    ensure_installation(demo=False)

    with pytest.raises(NotADemonstrationError):
        ensure_installation(demo=True)


def test_a_team_that_is_needed_names_requests_topics_and_mailboxes() -> None:
    ensure_installation(demo=True)
    team = Team.objects.get(name="Tiefbau")

    with pytest.raises(TeamNeededError) as refused:
        deactivate_team(
            team_id=team.pk, user=User.objects.get(email="anna.berger@musterstadt.example")
        )

    assert len(refused.value.reasons) == 3
