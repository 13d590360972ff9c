"""The small directory of those who may be responsible instead: other authorities and offices."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.models import User
from helpdesk.lib.addresses import is_valid
from helpdesk.tickets.models import Office

SUBJECT = "office"


def offices_of(authority_id: int) -> QuerySet[Office]:
    """Return the directory of an authority by name."""
    return Office.objects.filter(authority_id=authority_id).order_by("name")


@transaction.atomic
def add_office(*, name: str, email: str, note: str, user: User) -> Office:
    """Enter an office; raises ValidationError by field."""
    office = Office(authority_id=user.authority_id)
    name = " ".join(name.split())
    demand_unused(offices_of(user.authority_id), instance=office, field="name", value=name)
    if not is_valid(email):
        raise ValidationError({"email": _("This is no e-mail address.")})
    values = {"name": name, "email": email.strip(), "note": " ".join(note.split())}
    save_setting(instance=office, values=values, subject_kind=SUBJECT, user=user)
    return office


@transaction.atomic
def remove_office(*, office_id: int, user: User) -> bool:
    """Take an office out of the directory; False if it is not there."""
    office = offices_of(user.authority_id).select_for_update().filter(pk=office_id).first()
    if office is None:
        return False
    office.delete()
    record_setting(
        subject=(SUBJECT, office_id), authority_id=user.authority_id, user=user, action="deleted"
    )
    return True
