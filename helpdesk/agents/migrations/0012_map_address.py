"""Where an authority looks at a place: the address of a map of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; without an address there is no link."""

    dependencies = (("agents", "0011_further_languages"),)

    operations = (
        migrations.AddField(
            "authority", "map_address", models.CharField(max_length=300, blank=True, default="")
        ),
    )
