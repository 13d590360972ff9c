from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_authentication_of_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="has_given_away",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="ticketlink",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mentions", "mentions"),
                    ("follows", "follows"),
                    ("same_mail", "same mail to another mailbox"),
                    ("related", "related"),
                    ("split", "split off"),
                ],
                max_length=10,
            ),
        ),
    ]
