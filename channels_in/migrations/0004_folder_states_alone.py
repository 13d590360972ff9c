"""Generation and first UID are a folder's, no longer an account's."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels_in", "0003_copy_folder_states")]

    operations = [
        migrations.RemoveField(model_name="account", name="first_uid"),
        migrations.RemoveField(model_name="account", name="uidvalidity"),
    ]
