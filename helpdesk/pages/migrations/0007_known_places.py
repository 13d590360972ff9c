import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0012_map_address"),
        ("pages", "0006_readers_of_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("part", models.CharField(blank=True, max_length=80)),
                ("is_outside", models.BooleanField(default=False)),
                ("responsible", models.CharField(blank=True, max_length=300)),
                ("key", models.CharField(max_length=200)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_places",
                        to="agents.authority",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index("authority", "is_outside", "key", name="known_place_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Border",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rings", models.JSONField(default=list)),
                ("beyond", models.CharField(blank=True, max_length=300)),
                (
                    "authority",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="border",
                        to="agents.authority",
                    ),
                ),
            ],
        ),
    ]
