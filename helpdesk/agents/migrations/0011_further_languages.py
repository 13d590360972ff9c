"""Languages that an authority's portal speaks beside German and English."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; nobody has chosen any yet."""

    dependencies = (("agents", "0010_offering_accounts"),)

    operations = (
        migrations.AddField(
            "authority", "further_languages", models.JSONField(blank=True, default=list)
        ),
    )
