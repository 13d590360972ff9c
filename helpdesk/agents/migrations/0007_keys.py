"""The keys an agent has changed or switched off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns with defaults: nobody has changed anything yet."""

    dependencies = (("agents", "0006_asking_for_ratings"),)

    operations = (
        migrations.AddField("user", "keys_off", models.BooleanField(default=False)),
        migrations.AddField("user", "key_changes", models.JSONField(blank=True, default=dict)),
    )
