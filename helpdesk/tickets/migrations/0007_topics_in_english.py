from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0006_call_notes"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="name_en",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="category",
            name="description_en",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
