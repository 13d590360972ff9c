from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_in", "0011_copies_open_nothing")]

    operations = [
        migrations.AddIndex(
            model_name="rawmessage",
            index=models.Index(
                condition=models.Q(("state", "ignored"), ("state", "discarded"), _connector="OR"),
                fields=["-id"],
                name="raw_left_out",
            ),
        ),
    ]
