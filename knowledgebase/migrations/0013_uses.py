"""Searches that found something and how often it was opened; answers used; sizes of pictures."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

_KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    """Two tables, empty at first, and two columns."""

    dependencies = (
        ("agents", "0004_hash_recovery_codes"),
        ("tickets", "0001_tickets"),
        ("knowledgebase", "0012_videos_in_sign_language"),
    )

    operations = (
        migrations.AddField("answerfile", "width", models.PositiveIntegerField(default=0)),
        migrations.AddField("answerfile", "height", models.PositiveIntegerField(default=0)),
        migrations.CreateModel(
            name="SearchUse",
            fields=[
                ("id", _KEY.clone()),
                ("query", models.CharField(max_length=60)),
                ("visitors", models.PositiveSmallIntegerField(default=0)),
                ("marks", models.JSONField(default=list)),
                ("searches", models.PositiveIntegerField(default=0)),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                ("is_ignored", models.BooleanField(default=False)),
                ("opened", models.PositiveIntegerField(default=0)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_uses",
                        to="agents.authority",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["authority", "visitors", "-searches"], name="search_use_most"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("authority"), models.F("query"), name="search_use_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerUse",
            fields=[
                ("id", _KEY.clone()),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="knowledgebase.answer",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("ticket"), models.F("answer"), name="answer_use_unique"
                    )
                ],
            },
        ),
    )
