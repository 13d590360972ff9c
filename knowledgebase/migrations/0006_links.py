import re
from typing import Any

from django.db import migrations, models

LINK = re.compile(r"<a href=\"/w/([0-9]{1,12})\">")


def note_links(apps: Any, _schema_editor: Any) -> None:  # noqa: ANN401 - what Django hands over
    """Versions that are there already learn which answers they link to."""
    versions = apps.get_model("knowledgebase", "AnswerVersion").objects
    texts = apps.get_model("knowledgebase", "AnswerText").objects.exclude(version=None)
    found: dict[int, set[int]] = {}
    for version_id, body in texts.values_list("version_id", "body").iterator():
        found.setdefault(version_id, set()).update(int(key) for key in LINK.findall(body))
    for version_id, keys in found.items():
        if keys:
            versions.filter(pk=version_id).update(links=sorted(keys))


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0005_synonyms")]

    operations = [
        migrations.AddField(
            model_name="answerversion",
            name="links",
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(note_links, migrations.RunPython.noop),
    ]
