"""The vocabulary keeps words as they are spelt, with their terms; it is built anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0001_search")]
    operations = [
        migrations.DeleteModel("SearchTerm"),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=64, unique=True)),
                ("term", models.CharField(max_length=64)),
                ("head", models.CharField(max_length=3)),
                ("tail", models.CharField(max_length=3)),
                ("size", models.PositiveSmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["head", "size", "word", "term"], name="search_term_head"),
                    models.Index(fields=["tail", "size", "word", "term"], name="search_term_tail"),
                ],
            },
        ),
    ]
