import pytest

from helpdesk.agents.models import Authority, Role, Team
from helpdesk.events.models import Event


def test_create_authority_lays_calendar_roles_and_team(authority: Authority) -> None:
    roles = {role.name: role.verbs for role in Role.objects.filter(authority=authority)}
    team = Team.objects.get(authority=authority)

    assert authority.calendar.hours["4"] == [["08:00", "16:00"]]
    assert "5" not in authority.calendar.hours
    assert roles == {
        "Administration": [
            "administer",
            "edit_knowledge",
            "edit_texts",
            "operate",
            "review_knowledge",
            "write_knowledge",
        ],
        "Betrieb": ["operate"],
        "Redaktion": ["edit_knowledge", "edit_texts"],
        "Wissen prüfen": ["review_knowledge"],
        "Wissen schreiben": ["write_knowledge"],
    }
    assert (team.name, team.slug) == ("Bürgerservice", "buergerservice")


@pytest.mark.usefixtures("authority")
def test_create_authority_records_facts_of_the_system() -> None:
    facts = Event.objects.filter(kind="settings.changed").order_by("id")

    assert [(fact.subject_kind, fact.actor_kind, fact.data["action"]) for fact in facts] == [
        ("authority", "system", "created"),
        ("team", "system", "created"),
    ]
