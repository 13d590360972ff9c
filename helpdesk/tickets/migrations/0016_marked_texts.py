"""What an agent typed, where it holds marks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, empty for all that was written before: it keeps its look."""

    dependencies = (("tickets", "0015_bulk_answers"),)

    operations = (
        migrations.AddField(
            "article", "source", models.TextField(blank=True, default=""), preserve_default=False
        ),
    )
