"""Answers for citizens who are signed in."""

from django.db import migrations, models

CHOICES = [
    ("public", "public"),
    ("account", "citizens who are signed in"),
    ("staff", "all staff"),
    ("team", "this team only"),
]


class Migration(migrations.Migration):
    """The columns hold one value more."""

    dependencies = (("knowledgebase", "0010_snippets"),)

    operations = (
        migrations.AlterField(
            "answer",
            "visibility",
            models.CharField(max_length=8, choices=CHOICES, default="public"),
        ),
        migrations.AlterField(
            "answer",
            "wanted_visibility",
            models.CharField(max_length=8, choices=CHOICES, blank=True),
        ),
    )
