"""The vocabulary on both databases, the index itself on PostgreSQL."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from helpdesk.search.postgres_backend import CREATE, DROP


def make_index(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(CREATE)


def remove_index(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(DROP)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("term", models.CharField(max_length=64, unique=True)),
                ("head", models.CharField(max_length=3)),
                ("tail", models.CharField(max_length=3)),
                ("size", models.PositiveSmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["head", "size", "term"], name="search_term_head"),
                    models.Index(fields=["tail", "size", "term"], name="search_term_tail"),
                ],
            },
        ),
        migrations.RunPython(make_index, remove_index),
    ]
