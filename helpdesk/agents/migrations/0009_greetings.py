"""Greeting and closing of an answer: worded by a team, switched off by an agent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns with defaults: everybody begins with the words of the product."""

    dependencies = (("agents", "0008_keys"),)

    operations = (
        migrations.AddField("team", "greetings", models.JSONField(blank=True, default=dict)),
        migrations.AddField("user", "greets", models.BooleanField(default=True)),
    )
