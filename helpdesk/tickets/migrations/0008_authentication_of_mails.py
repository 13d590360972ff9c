from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0007_topics_in_english"),
    ]

    operations = [
        migrations.AddField(
            model_name="article",
            name="authentication",
            field=models.CharField(blank=True, max_length=80),
        ),
    ]
