from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_in", "0009_automatic_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailfilter",
            name="tags",
            field=models.CharField(blank=True, default="", max_length=820),
            preserve_default=False,
        ),
    ]
