"""What waits is found by its sender, and by how long it waits, however much of it there is."""

from django.db import migrations, models

QUEUED = models.Q(state="queued")


class Migration(migrations.Migration):
    """Two indexes."""

    dependencies = (("outbox", "0006_settled_messages"),)

    operations = (
        migrations.AddIndex(
            "outgoingmessage",
            models.Index(
                condition=QUEUED,
                fields=["sender", "next_attempt_at", "id"],
                name="outgoing_of_sender",
            ),
        ),
        migrations.AddIndex(
            "outgoingmessage",
            models.Index(condition=QUEUED, fields=["not_before", "id"], name="outgoing_waiting"),
        ),
    )
