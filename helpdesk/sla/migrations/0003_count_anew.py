"""Let every running clock be counted once more, so that it knows when its deadline is near."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def ask(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("sla", "Agreement").objects.update(recount_after=0)


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_promises_in_days")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop, elidable=True)]
