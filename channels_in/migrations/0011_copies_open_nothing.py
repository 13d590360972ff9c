from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_in", "0010_tags_by_filters"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="leaves_out_copies",
            field=models.BooleanField(default=False),
        ),
    ]
