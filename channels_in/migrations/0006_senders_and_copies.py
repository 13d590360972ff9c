import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0001_agents"),
        ("channels_in", "0005_filters_and_spam"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="cc_watch",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="SenderRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pattern", models.CharField(max_length=320)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("ban", "keep out"), ("allow", "let in")],
                        default="ban",
                        max_length=5,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("hits", models.PositiveIntegerField(default=0)),
                ("last_hit_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sender_rules",
                        to="agents.authority",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint("authority", "pattern", name="sender_rule_unique")
                ],
            },
        ),
    ]
