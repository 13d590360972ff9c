"""Laying the foundation of an authority: calendar, administrators' role, first team."""

from django.db import transaction

from helpdesk.agents.changes import record_setting
from helpdesk.agents.domain.teams import TeamDetails, create_team
from helpdesk.agents.models import Authority, Calendar, Language, Role
from helpdesk.permissions.registry import ROLE_VERBS

WEEKDAYS = ("0", "1", "2", "3", "4")
OFFICE_HOURS = [["08:00", "16:00"]]
DEFAULT_TEAM = "Bürgerservice"
# Name of a role → its verbs; every authority may change them.
ROLES = {
    "Administration": tuple(sorted(ROLE_VERBS)),
    "Betrieb": ("operate",),
    "Redaktion": ("edit_knowledge", "edit_texts"),
    "Wissen prüfen": ("review_knowledge",),
    "Wissen schreiben": ("write_knowledge",),
}


@transaction.atomic
def create_authority(
    *,
    name: str,
    short_name: str,
    reference_prefix: str = "AN",
    language: str = Language.GERMAN,
    time_zone: str = "Europe/Berlin",
    team_name: str = DEFAULT_TEAM,
) -> Authority:
    """Create an authority with office hours, roles and a first team.

    Senders, accounts and promises belong to rooms above and are added by project.setup.
    """
    calendar = Calendar.objects.create(
        name="Mo-Fr 8-16 Uhr",
        time_zone=time_zone,
        hours=dict.fromkeys(WEEKDAYS, OFFICE_HOURS),
    )
    authority = Authority.objects.create(
        name=name,
        short_name=short_name,
        reference_prefix=reference_prefix,
        language=language,
        time_zone=time_zone,
        calendar=calendar,
    )
    Role.objects.bulk_create(
        Role(authority=authority, name=role, verbs=list(verbs)) for role, verbs in ROLES.items()
    )
    record_setting(
        subject=("authority", authority.pk), authority_id=authority.pk, user=None, action="created"
    )
    create_team(authority_id=authority.pk, details=TeamDetails(team_name), user=None)
    return authority
