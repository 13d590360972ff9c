from helpdesk.agents.models import Authority, Role, Team
from helpdesk.events.models import Event


def test_create_authority_lays_calendar_role_and_team(authority: Authority) -> None:
    role = Role.objects.get(authority=authority)
    team = Team.objects.get(authority=authority)

    assert authority.calendar.hours["4"] == [["08:00", "16:00"]]
    assert "5" not in authority.calendar.hours
    assert role.verbs == ["administer", "edit_texts", "operate"]
    assert (team.name, team.slug) == ("Bürgerservice", "buergerservice")


def test_create_authority_records_facts_of_the_system(authority: Authority) -> None:
    facts = Event.objects.filter(kind="settings.changed").order_by("id")

    assert [(fact.subject_kind, fact.actor_kind, fact.data["action"]) for fact in facts] == [
        ("authority", "system", "created"),
        ("team", "system", "created"),
    ]
