import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0008_from_ticket")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="wanted_section",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="knowledgebase.section",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="wanted_visibility",
            field=models.CharField(
                blank=True,
                choices=[("public", "public"), ("staff", "all staff"), ("team", "this team only")],
                default="",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="answer",
            name="wanted_team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.team",
            ),
        ),
    ]
