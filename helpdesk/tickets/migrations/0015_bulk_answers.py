from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_tags_waiting_and_bin")]

    operations = [
        migrations.AddField(
            model_name="bulkjob",
            name="text",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="bulkjob",
            name="seen_article_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
