"""Whose thumbnail a file is: asked before any file is deleted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index that holds nothing of the attachments without one, which are nearly all."""

    dependencies = (("tickets", "0017_thumbnails"),)

    operations = (
        migrations.AddIndex(
            "attachment",
            models.Index(
                fields=["thumbnail"],
                name="attachment_thumbnail",
                condition=models.Q(("thumbnail__isnull", False)),
            ),
        ),
    )
