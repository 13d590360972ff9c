"""Small copies of pictures, for the thread."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; each copy is made when it is first looked at."""

    dependencies = (("files", "0003_waiting_files"), ("tickets", "0016_marked_texts"))

    operations = (
        migrations.AddField(
            "attachment",
            "thumbnail",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
            ),
        ),
    )
