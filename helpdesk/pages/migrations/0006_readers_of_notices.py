from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0005_page_variants"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="readers",
            field=models.CharField(
                choices=[("citizens", "Citizens"), ("staff", "Staff"), ("all", "All")],
                default="citizens",
                max_length=8,
            ),
        ),
    ]
