from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0003_waiting_files"),
    ]

    operations = [
        migrations.AlterField(
            model_name="storedfile",
            name="scan_state",
            field=models.CharField(
                choices=[
                    ("not_scanned", "not scanned"),
                    ("clean", "clean"),
                    ("held", "held back"),
                    ("too_large", "too large to be checked"),
                ],
                default="not_scanned",
                max_length=12,
            ),
        ),
    ]
