from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

LANGUAGES = [("de", "Deutsch"), ("en", "English"), ("de-simple", "Leichte Sprache")]


def somebody() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


def key() -> "models.BigAutoField[Any, Any]":
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("knowledgebase", "0009_wanted_place"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="answerversion",
            name="snippets",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="Snippet",
            fields=[
                ("id", key()),
                ("name", models.SlugField(max_length=60)),
                ("about", models.CharField(blank=True, max_length=160)),
                ("proposed", models.JSONField(blank=True, default=dict)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snippets",
                        to="agents.authority",
                    ),
                ),
                ("proposed_by", somebody()),
                ("updated_by", somebody()),
            ],
            options={"ordering": ("name",)},
        ),
        migrations.CreateModel(
            name="SnippetText",
            fields=[
                ("id", key()),
                ("language", models.CharField(choices=LANGUAGES, max_length=10)),
                ("body", models.TextField()),
                (
                    "snippet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="knowledgebase.snippet",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SnippetUse",
            fields=[
                ("id", key()),
                (
                    "snippet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="knowledgebase.snippet",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snippet_uses",
                        to="knowledgebase.answertext",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="snippet",
            constraint=models.UniqueConstraint(
                models.F("authority"), models.F("name"), name="snippet_name_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="snippettext",
            constraint=models.UniqueConstraint(
                models.F("snippet"), models.F("language"), name="snippet_text_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="snippetuse",
            constraint=models.UniqueConstraint(
                models.F("snippet"), models.F("text"), name="snippet_use_unique"
            ),
        ),
    ]
