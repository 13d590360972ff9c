"""Words as parts of an address."""

from django.utils.text import slugify

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slug_of(words: str, *, limit: int = 60) -> str:
    """Return ``words`` in lower case with hyphens, umlauts written out, cut between words."""
    slug = slugify(words.lower().translate(_UMLAUTS))
    if len(slug) <= limit:
        return slug
    return slug[: limit + 1].rpartition("-")[0] or slug[:limit]
