"""Links that were mailed before are forgotten as those that are mailed now."""

from datetime import timedelta
from typing import Any

from django.db import migrations
from django.db.models import F

# How long each kind of link lasts, as its room has it.
LASTS = {
    "sign_in_link": timedelta(minutes=15),
    "address_link": timedelta(hours=2),
    "draft_link": timedelta(days=30),
    "status_link": timedelta(days=7),
    "password_reset": timedelta(days=3),
    "invitation": timedelta(days=3),
}


def note(apps: Any, _editor: Any) -> None:  # noqa: ANN401 - Django hands in what it likes
    messages = apps.get_model("outbox", "OutgoingMessage").objects
    for kind, lasts in LASTS.items():
        messages.filter(kind=kind, forget_at=None).update(forget_at=F("created_at") + lasts)


class Migration(migrations.Migration):
    """Rows alone."""

    dependencies = (("outbox", "0008_forgotten_words"),)

    operations = (migrations.RunPython(note, migrations.RunPython.noop, elidable=True),)
