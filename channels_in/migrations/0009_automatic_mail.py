from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_in", "0008_sent_copies"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="leaves_out_automatic",
            field=models.BooleanField(default=False),
        ),
    ]
