"""Make citizens who were there before findable by name, number, mail and street."""

from collections.abc import Iterator
from itertools import islice

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Model

from helpdesk.lib.terms import mail_terms, name_terms, phone_terms

BATCH = 500


def fill(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    term = apps.get_model("citizens", "SearchTerm")
    citizens = apps.get_model("citizens", "Citizen").objects.prefetch_related("contact_points")
    rows = _rows(term, citizens.order_by("pk").iterator(chunk_size=BATCH))
    while batch := list(islice(rows, 4 * BATCH)):
        term.objects.bulk_create(batch, ignore_conflicts=True)


def _rows(term: type[Model], citizens: Iterator[Model]) -> Iterator[Model]:
    for citizen in citizens:
        row = vars(citizen)
        found = name_terms(row["name"])
        for point in row["_prefetched_objects_cache"]["contact_points"]:
            found += _terms(vars(point))
        for word in dict.fromkeys(found):
            yield term(citizen_id=row["id"], authority_id=row["authority_id"], term=word)


def _terms(point: dict[str, str]) -> list[str]:
    if point["kind"] == "mail":
        return mail_terms(point["normalised"])
    if point["kind"] == "phone":
        return phone_terms(point["normalised"])
    return name_terms(point["value"])


class Migration(migrations.Migration):
    dependencies = [("citizens", "0002_search_terms")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
