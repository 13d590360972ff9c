"""Whether an authority lets citizens have accounts in the portal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default: no town offers accounts before it has said so."""

    dependencies = (("agents", "0009_greetings"),)

    operations = (
        migrations.AddField("authority", "offers_accounts", models.BooleanField(default=False)),
    )
