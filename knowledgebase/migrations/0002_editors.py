from typing import Any

from django.db import migrations


def give_verb(apps: Any, _schema_editor: Any) -> None:  # noqa: ANN401 - what Django hands over
    """Roles that wrote text modules or administered write answers from now on, too."""
    roles = apps.get_model("agents", "Role").objects.all()
    for role in roles:
        known = {"administer", "edit_texts"} & set(role.verbs)
        if known and "edit_knowledge" not in role.verbs:
            role.verbs = sorted([*role.verbs, "edit_knowledge"])
            role.save(update_fields=["verbs"])


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0001_knowledgebase"), ("agents", "0001_agents")]

    operations = [migrations.RunPython(give_verb, migrations.RunPython.noop)]
