"""The language of a text, or none when a guess would be no more than that."""

import ctypes
import os
import re
from functools import cache
from typing import Protocol

# What people write to a town hall in; others only draw votes away from these.
LANGUAGES = [
    "ar",
    "bg",
    "bs",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fa",
    "fi",
    "fr",
    "hr",
    "hu",
    "it",
    "ku",
    "lt",
    "lv",
    "nl",
    "pl",
    "ps",
    "pt",
    "ro",
    "ru",
    "sk",
    "sl",
    "sq",
    "sr",
    "sv",
    "tr",
    "uk",
    "vi",
]
# The model walks through it byte by byte; more text than this changes no verdict.
_SAMPLE = 480
_MIN_PROBABILITY = 0.7
_MIN_MARGIN = 0.4
_NOISE = re.compile(
    r"https?://\S{1,500}|[^\s@]{1,64}@[^\s@]{1,255}|^>.*$|[\d_#*=<>|/\\]+", re.MULTILINE
)
_ENOUGH_LETTERS = re.compile(r"(?:[\W\d_]*[^\W\d_]){15}")


class _Identifier(Protocol):
    def rank(self, text: str) -> list[tuple[str, float]]: ...


def detect(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of ``text``, or None when unsure.

    Looks at the first 480 characters without addresses, numbers and quoted lines. The model
    is loaded with the first call (some 60 MB, 1 s), so call it where that may stay for good.
    """
    sample = _NOISE.sub(" ", text[: 2 * _SAMPLE])[:_SAMPLE].strip()
    if not _ENOUGH_LETTERS.match(sample):
        return None
    try:
        (best, probability), (_, second) = _identifier().rank(sample)[:2]
    except (ImportError, MemoryError, OSError):
        # Too little memory for the model: the mail matters more than its language.
        return None
    if probability < _MIN_PROBABILITY or probability - second < _MIN_MARGIN:
        return None
    return best


@cache
def _identifier() -> _Identifier:
    """Load the model and keep of it only the columns of LANGUAGES."""
    # A thread pool of a maths library would reserve memory the parser's child may not have.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # lazy: the model costs memory and time that only the parser's child should spend
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - lazy, see above

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    identifier.nb_ptc = identifier.nb_ptc.copy()
    identifier._full_model = (identifier.nb_ptc, identifier.nb_pc, identifier.nb_classes)  # noqa: SLF001 - frees the columns of the other languages
    _give_back_memory()
    found: _Identifier = identifier
    return found


def _give_back_memory() -> None:
    """Return freed pages to the system where the C library knows how."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
