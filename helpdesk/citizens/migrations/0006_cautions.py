"""How somebody wishes to be reached, and warnings that end by themselves."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default, and a new table."""

    dependencies = (
        ("citizens", "0005_claimed_addresses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )

    operations = (
        migrations.AddField(
            "citizen",
            "preferred_channel",
            models.CharField(
                blank=True,
                choices=[("mail", "e-mail"), ("phone", "phone"), ("letter", "letter")],
                default="",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.CreateModel(
            "Caution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("until", models.DateField()),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "citizen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cautions",
                        to="citizens.citizen",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    )
