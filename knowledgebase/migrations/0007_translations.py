from collections import defaultdict
from typing import Any

from django.db import migrations, models

from knowledgebase.marks import to_marks

FIELDS = ("title", "summary", "body", "cost", "duration", "documents", "online_label", "online_url")
MAIN = "de"


def take_as_current(apps: Any, _schema_editor: Any) -> None:  # noqa: ANN401 - what Django hands over
    """Translations that are there already count as made from the main text of their version."""
    rows = apps.get_model("knowledgebase", "AnswerText").objects
    by_state: dict[Any, list[Any]] = defaultdict(list)
    for row in rows.order_by("answer_id", "version_id").iterator():
        by_state[(row.answer_id, row.version_id)].append(row)
    for texts in by_state.values():
        main = next((text for text in texts if text.language == MAIN), None)
        if main is None or len(texts) == 1:
            continue
        source = {field: getattr(main, field) for field in FIELDS}
        source["body"] = to_marks(source["body"])
        others = [text.pk for text in texts if text is not main]
        rows.filter(pk__in=others).update(source=source)


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0006_links")]

    operations = [
        migrations.AddField(
            model_name="answertext",
            name="source",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="answertext",
            name="is_outdated",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(take_as_current, migrations.RunPython.noop),
    ]
