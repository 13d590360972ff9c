import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import helpdesk.lib.secretbox


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0011_further_languages"),
        ("notifications", "0003_followers"),
        ("outbox", "0006_settled_messages"),
        ("tickets", "0018_finding_thumbnails"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PushBrowser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("endpoint", helpdesk.lib.secretbox.SealedTextField()),
                ("p256dh", helpdesk.lib.secretbox.SealedTextField()),
                ("auth", helpdesk.lib.secretbox.SealedTextField()),
                ("name", models.CharField(blank=True, max_length=80)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="PushIdentity",
            fields=[
                (
                    "authority",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="push_identity",
                        serialize=False,
                        to="agents.authority",
                    ),
                ),
                ("public_key", models.CharField(max_length=100)),
                ("private_key", helpdesk.lib.secretbox.SealedTextField()),
                ("contact", models.CharField(max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="push_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("push_at__isnull", False)),
                fields=["push_at"],
                name="notice_to_push",
            ),
        ),
        migrations.AddField(
            model_name="pushbrowser",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="push_browsers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
