from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0002_sender_subaddresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="recipient",
            name="status",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name="recipient",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
