"""The keys an agent has changed or switched off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns with defaults: nobody has changed anything yet."""

    dependencies = (("agents", "0007_arranged_panel"),)

    operations = (
        migrations.AddField("user", "keys_off", models.BooleanField(default=False)),
        migrations.AddField("user", "key_changes", models.JSONField(blank=True, default=dict)),
    )
