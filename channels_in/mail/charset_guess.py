"""A guess at the legacy charset of unlabelled bytes, among the sets that mail really uses."""

import re
from dataclasses import dataclass

_SAMPLE = 20_000
_GOOD_ENOUGH = 0.6
_HIGH_RUNS = re.compile(rb"[\x80-\xff][\x40-\xff]?")


@dataclass(frozen=True, slots=True)
class _Script:
    """A one-byte charset with the letters that its languages use often, and seldom."""

    codec: str
    often: str
    seldom: str = ""


# In order of what reaches a German town hall; an earlier row wins a tie.
_SCRIPTS = (
    _Script(
        "cp1252",
        "äöüÄÖÜßéèàçñóáíêâôîûïëøåæúùÅØÆãõœ€„“”\u2013\u2019\u2018…§°",
        "ÉÈÀÇÑÓÁÍÊÂÔÚòìý«»¿¡\u00b4²³•\u00a0·™®©½¼",
    ),
    _Script("cp1254", "ğışöüçİĞŞÖÜÇ", "âîû\u2019“”\u00a0"),
    _Script(
        "cp1250",
        "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžČĎĚŇŘŠŤŽőűŐŰäöüÄÖÜßâîă",
        "şţđÁÉÍÚÝ€„”\u2013\u2019…§\u00a0",
    ),
    _Script(
        "iso8859_2", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžČĎĚŇŘŠŤŽőűŐŰäöüÄÖÜßâîă", "şţđÁÉÍÚÝ§\u00a0"
    ),
    _Script(
        "cp1251",
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ",
        "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЭЮЯ«»—\u2013№\u00a0",
    ),
    _Script("koi8_r", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЭЮЯ\u00a0"),
    _Script("cp1253", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌ\u00a0"),
    _Script("cp1255", "אבגדהוזחטיכךלמםנןסעפףצץקרשת", "\u00a0"),
    _Script("cp1256", "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإءئؤ", "،؟\u00a0"),
    _Script("cp874", "กขคงจฉชซญณดตถทธนบปผฝพฟภมยรลวศษสหอฮะาิีึืุูเแโใไ่้์ั็ำ", "\u00a0"),
    _Script("cp850", "äöüÄÖÜß"),
    _Script("mac_roman", "äöüÄÖÜß", "é"),
)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A two-byte charset with the lead bytes that its frequent characters have."""

    codec: str
    leads: frozenset[int]


_PAIRS = (
    _Pairs("cp949", frozenset({*range(0xB0, 0xC9), 0xA1})),
    _Pairs("gb18030", frozenset({*range(0xB0, 0xD8), 0xA1, 0xA3})),
    _Pairs("cp950", frozenset(range(0xA1, 0xC7)) - {0xA2}),
    _Pairs("euc_jp", frozenset({0xA4, 0xA5, 0xA1, *range(0xB0, 0xD0)})),
    _Pairs("cp932", frozenset({0x82, 0x83, 0x81, *range(0x88, 0x98)})),
)
_KANA = {"euc_jp": frozenset({0xA4, 0xA5}), "cp932": frozenset({0x82, 0x83})}


def guess_codec(payload: bytes) -> str | None:
    """Return the most plausible codec for bytes that are no UTF-8, None if nothing fits well."""
    first = re.search(rb"[\x80-\xff]", payload)
    if first is None:
        return None
    sample = payload[max(first.start() - 1, 0) :][:_SAMPLE]
    scored = [(_script_score(sample, script), script.codec) for script in _SCRIPTS]
    scored += [(_pair_score(sample, pairs), pairs.codec) for pairs in _PAIRS]
    best = max(score for score, _ in scored)
    if best < _GOOD_ENOUGH:
        return None
    return next(codec for score, codec in scored if score == best)


def _script_score(sample: bytes, script: _Script) -> float:
    high = re.sub(rb"[\x00-\x7f]+", b"", sample)
    text = high.decode(script.codec, "replace")
    points = sum(_points(char, script) for char in text)
    return points / max(len(text), 1)


def _points(char: str, script: _Script) -> float:
    if char in script.often:
        return 1.0
    return 0.5 if char in script.seldom else 0.0


def _pair_score(sample: bytes, pairs: _Pairs) -> float:
    whole = sample if len(sample) < _SAMPLE else sample[: sample.rfind(b"\n") + 1] or sample
    try:
        whole.decode(pairs.codec)
    except UnicodeDecodeError:
        return 0.0
    found = [match for match in _HIGH_RUNS.findall(whole) if len(match) == 2]
    if len(found) < 2:
        return 0.0
    frequent = sum(pair[0] in pairs.leads for pair in found) / len(found)
    if pairs.codec == "cp949" and (len(found) < 5 or frequent < 0.95):
        # Chinese characters reach into the Hangul rows; few pairs prove nothing.
        frequent -= 0.2
    kana = _KANA.get(pairs.codec)
    if kana and any(pair[0] in kana for pair in found):
        share = sum(pair[0] in kana for pair in found) / len(found)
        return min(frequent + share / 2, 1.5)
    return frequent - (0.2 if kana else 0.0)
