from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0007_translations")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="from_ticket",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
