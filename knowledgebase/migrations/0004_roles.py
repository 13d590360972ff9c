from typing import Any

from django.db import migrations

ROLES = {"Wissen prüfen": ["review_knowledge"], "Wissen schreiben": ["write_knowledge"]}


def add_roles(apps: Any, _schema_editor: Any) -> None:  # noqa: ANN401 - what Django hands over
    """Authorities that are there already get the roles of authors and reviewers, too."""
    for authority in apps.get_model("agents", "Authority").objects.all():
        for name, verbs in ROLES.items():
            apps.get_model("agents", "Role").objects.get_or_create(
                authority=authority, name=name, defaults={"verbs": verbs}
            )


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0003_workflow"), ("agents", "0004_hash_recovery_codes")]

    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
