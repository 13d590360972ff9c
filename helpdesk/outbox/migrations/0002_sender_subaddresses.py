from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_outbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="sender",
            name="subaddresses",
            field=models.BooleanField(default=False),
        ),
    ]
