"""Words that mean that somebody should call 112 or 110 instead of writing."""

import re

# Beginnings of words, German and English; a false alarm costs one sentence on a page.
BEGINNINGS = (
    *("112", "110", "notfall", "notruf", "lebensgefahr", "lebensgefährlich", "bewusstlos"),
    *("feuer", "brennt", "brand", "rauchentwicklung", "explosion", "explodiert", "gasgeruch"),
    *("verletzt", "blutet", "überfall", "einbrecher", "bedroht", "schlägerei", "schießt"),
    *("ertrink", "suizid", "selbstmord", "umbringen", "emergency", "unconscious", "injured"),
    *("bleeding", "burning", "gas smell", "smell of gas", "robbery", "burglar"),
)
# What begins alike and means something else.
HARMLESS = (
    *("feuerwerk", "feuerstelle", "feuerlöscher", "feuerwehrzufahrt", "brandenburg"),
    *("brandschutz", "brandmelde", "brandneu", "brandplatz", "brandstraße", "feuerwehrhaus"),
)
_WORD = re.compile(r"\w+")


def mentions_emergency(text: str) -> bool:
    """Tell whether a text may be about somebody in danger."""
    folded = text.casefold()
    phrases = [each for each in BEGINNINGS if " " in each]
    singles = tuple(each for each in BEGINNINGS if " " not in each)
    words = _WORD.findall(folded)
    return any(phrase in folded for phrase in phrases) or any(
        word.startswith(singles) and not word.startswith(HARMLESS) for word in words
    )
