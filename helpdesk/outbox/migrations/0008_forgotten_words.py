"""When the words of a message are forgotten, because the link in them is over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column without a value, and an index of the few that have one."""

    dependencies = (("outbox", "0007_queue_of_each_sender"),)

    operations = (
        migrations.AddField(
            "outgoingmessage",
            "forget_at",
            models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            "outgoingmessage",
            models.Index(
                condition=models.Q(forget_at__isnull=False),
                fields=["forget_at"],
                name="outgoing_forgotten",
            ),
        ),
    )
