"""Where the video in sign language is, how long it runs, where its words stand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Three columns of a text, empty at first."""

    dependencies = (("knowledgebase", "0011_signed_in_readers"),)

    operations = (
        migrations.AddField(
            "answertext", "video_url", models.CharField(blank=True, max_length=500, default="")
        ),
        migrations.AddField(
            "answertext", "video_length", models.CharField(blank=True, max_length=40, default="")
        ),
        migrations.AddField(
            "answertext",
            "video_words_url",
            models.CharField(blank=True, max_length=500, default=""),
        ),
    )
