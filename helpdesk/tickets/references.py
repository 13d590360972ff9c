"""Numbers that people read aloud and type: references, access codes, the staff's numbers.

All of this is text alone; which ticket it names is for the doors and reads to say.
"""

import re

# 31 signs, a prime: with weights 1 to 30 every single wrong sign and every
# swap of two signs changes the check sign. No 0/O, 1/I; no U beside V.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
RANDOM_SIGNS = 5
# 15 signs are 74 bits.
CODE_SIGNS = 15
GROUP = 4
SHORTEST_NUMBER = 6
_LOOKALIKES = str.maketrans({"0": "Q", "O": "Q", "1": "J", "I": "J", "U": "V"})
_NUMBER = re.compile(r"(20\d\d)\D{0,3}(\d{1,9})")
_COUNT = re.compile(r"\d{1,9}")


def check_sign(signs: str) -> str:
    """Return the sign that makes ``signs`` a reference."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, start=1))
    return ALPHABET[total % len(ALPHABET)]


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _checked(signs: str, length: int) -> str | None:
    """Return ``length`` signs whose last one fits the others, lookalikes replaced."""
    read = signs.translate(_LOOKALIKES)
    if len(read) != length or any(sign not in ALPHABET for sign in read):
        return None
    return read if check_sign(read[:-1]) == read[-1] else None


def format_reference(prefix: str, signs: str) -> str:
    """Write ``signs`` with their check sign in groups: MU-7K4P-2Q."""
    whole = signs + check_sign(signs)
    return f"{prefix}-{whole[:GROUP]}-{whole[GROUP:]}"


def read_reference(text: str, prefix: str = "") -> str | None:
    """Return a reference as stored, however it was typed; None if a sign is wrong.

    ``prefix`` stands in where the letters before the first dash were left out.
    """
    plain = _plain(text)
    given, signs = plain[: -(RANDOM_SIGNS + 1)], plain[-(RANDOM_SIGNS + 1) :]
    read = _checked(signs, RANDOM_SIGNS + 1)
    return format_reference(given or prefix, read[:-1]) if read else None


def format_code(number: int) -> str:
    """Write the number as an access code with its check sign: K7QP-3MXR-9TWA-HJ2D."""
    signs = ""
    for _ in range(CODE_SIGNS):
        number, rest = divmod(number, len(ALPHABET))
        signs += ALPHABET[rest]
    whole = signs + check_sign(signs)
    return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


def read_code(text: str) -> str | None:
    """Return an access code as it was given out, however it was typed; None if a sign is wrong."""
    read = _checked(_plain(text), CODE_SIGNS + 1)
    if read is None:
        return None
    return "-".join(read[at : at + GROUP] for at in range(0, len(read), GROUP))


def read_number(text: str) -> str | None:
    """Return the staff's number that somebody typed: "2026 123" and "[MU#2026-000123]" name one.

    Without the year it is only the count, "-000123", with which the number ends.
    """
    # Words of the subject may stand around our tag.
    tag = re.search(r"#\s*([\d\s./-]+)", text)
    typed = (tag.group(1) if tag else text).strip(" #[]()")
    whole = _NUMBER.fullmatch(typed)
    if whole:
        return f"{whole.group(1)}-{int(whole.group(2)):0{SHORTEST_NUMBER}d}"
    return f"-{int(typed):0{SHORTEST_NUMBER}d}" if _COUNT.fullmatch(typed) else None
