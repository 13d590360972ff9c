"""Of which topics citizens learn, while they report, that the same is known nearby."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Of none, until a town says so."""

    dependencies = (("tickets", "0018_finding_thumbnails"),)

    operations = (
        migrations.AddField("category", "shows_nearby", models.BooleanField(default=False)),
    )
