from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0004_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="readers",
            field=models.CharField(
                choices=[
                    ("citizens", "citizens, on the portal's home page"),
                    ("staff", "colleagues, on every page of the desk"),
                    ("all", "both"),
                ],
                default="citizens",
                max_length=8,
            ),
        ),
    ]
