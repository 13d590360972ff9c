"""What was done about a message that did not arrive."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default."""

    dependencies = (("outbox", "0005_delivery_log_and_letters"),)

    operations = (
        migrations.AddField(
            "outgoingmessage",
            "settled_as",
            models.CharField(
                blank=True,
                choices=[
                    ("other", "sent to another address"),
                    ("letter", "sent by letter"),
                    ("nothing", "nothing more to do"),
                ],
                default="",
                max_length=8,
            ),
        ),
    )
