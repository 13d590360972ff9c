"""The vocabulary of the index: what may have been meant by a word nobody wrote."""

from django.db import models

EDGE = 3


class SearchTerm(models.Model):
    """A word that some document holds, by its first and last letters and its length.

    A word with one or two mistakes keeps its beginning or its end, so both are looked up.
    Like the index it can be built anew at any time.
    """

    term = models.CharField(max_length=64, unique=True)
    head = models.CharField(max_length=EDGE)
    tail = models.CharField(max_length=EDGE)
    size = models.PositiveSmallIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=("head", "size", "term"), name="search_term_head"),
            models.Index(fields=("tail", "size", "term"), name="search_term_tail"),
        )

    def __str__(self) -> str:
        """Return the word."""
        return self.term
