"""Let what was known of each account's one folder stand with that folder."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def copy(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    state = apps.get_model("channels_in", "FolderState")
    accounts = apps.get_model("channels_in", "Account").objects.filter(kind="imap")
    columns = ("pk", "folder", "import_since", "uidvalidity", "first_uid")
    state.objects.bulk_create(
        state(
            account_id=account_id,
            name=name,
            import_since=since,
            uidvalidity=uidvalidity,
            first_uid=first_uid,
        )
        for account_id, name, since, uidvalidity, first_uid in accounts.values_list(*columns)
    )


class Migration(migrations.Migration):
    dependencies = [("channels_in", "0002_folders_and_grants")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
