from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0004_grants"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="queue_id",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="outgoingfile",
            name="cid",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="sender",
            name="name_template",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="sender",
            name="quotes_history",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="recipient",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "pending"),
                    ("accepted", "accepted"),
                    ("refused", "refused"),
                    ("bounced", "returned"),
                    ("left_out", "left out"),
                ],
                default="pending",
                max_length=8,
            ),
        ),
    ]
