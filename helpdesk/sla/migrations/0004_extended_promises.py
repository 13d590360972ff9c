"""How much longer a promise was made by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default."""

    dependencies = (("sla", "0003_count_anew"),)

    operations = (
        migrations.AddField("clock", "extended_minutes", models.PositiveIntegerField(default=0)),
    )
