"""The vocabulary of the index: what may have been meant by a word nobody wrote."""

from django.db import models

EDGE = 3


class SearchTerm(models.Model):
    """A word as some document spells it, its term, and by what it is looked up.

    A word with one or two mistakes keeps its beginning or its end, so both are looked up.
    Like the index it can be built anew at any time.
    """

    word = models.CharField(max_length=64, unique=True)
    term = models.CharField(max_length=64)
    head = models.CharField(max_length=EDGE)
    tail = models.CharField(max_length=EDGE)
    size = models.PositiveSmallIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=("head", "size", "word", "term"), name="search_term_head"),
            models.Index(fields=("tail", "size", "word", "term"), name="search_term_tail"),
        )

    def __str__(self) -> str:
        """Return the word."""
        return self.word
