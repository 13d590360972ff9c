"""Bytes with true, wrong, unknown and missing labels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_in.mail.charset import codec_for, decode_html, decode_text

NAMES = {
    "UTF-8": "utf-8",
    '"utf-8"': "utf-8",
    "utf_8": "utf-8",
    "utf8;": "utf-8",
    "utf-8*de": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "iso-8859-8-i": "iso8859_8",
    "windows-874": "cp874",
    "cp-1252": "cp1252",
    "windows-1258": "cp1258",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-2022-jp": "iso-2022-jp",
    "x-mac-roman": "mac-roman",
    "ISO-8859-15": "iso8859-15",
    "x-unknown": None,
    "unknown-8bit": None,
    "base64": None,
    "rot13": None,
    "": None,
    "\x00": None,
    "a" * 10_000: None,
}
# What people of a German town write, in the charsets that old programs use without saying so.
UNLABELLED = [
    ("Sehr geehrte Damen und Herren, der Müll für die Straße", "cp1252"),
    ("Müller", "cp1252"),
    ("Grüße – „Müll“ kostet 5 €", "cp1252"),
    ("Où est la mairie, s'il vous plaît ?", "cp1252"),
    ("Łódź jest piękna, zażółć gęślą jaźń", "iso8859_2"),
    ("Zażółć gęślą jaźń, dziękuję bardzo", "cp1250"),
    ("Günaydın, çöp alınmadı, teşekkür ederim", "cp1254"),
    ("Добрый день, у нас не вывезли мусор", "cp1251"),
    ("Добрый день, у нас не вывезли мусор", "koi8_r"),
    ("Καλημέρα σας, τα σκουπίδια", "cp1253"),
    ("صباح الخير، لم يتم جمع القمامة", "cp1256"),
    ("สวัสดี ขยะ", "cp874"),
    ("Grüße aus Köln", "cp850"),
    ("Straße und Größe", "mac_roman"),
    ("你好，我的垃圾没有被收走", "gb18030"),
    ("你好，我的垃圾沒有被收走", "cp950"),
    ("こんにちは、ごみの収集について", "cp932"),
    ("こんにちは、ごみの収集について", "euc_jp"),
    ("안녕하세요 쓰레기 수거가 되지 않았습니다", "cp949"),
    ("こんにちは、ごみ", "iso2022_jp"),
]
WRONGLY = [
    ("Der Müll", "utf-8", "iso-8859-1"),
    ("Der Müll", "utf-8", "us-ascii"),
    ("你好，垃圾没有收走", "utf-8", "gb2312"),
    ("こんにちは", "utf-8", "shift_jis"),
    ("„Müll“ – 5 €", "cp1252", "iso-8859-1"),
    ("Straße gesperrt", "cp1252", "utf-8"),
    ("Straße gesperrt", "cp1252", "us-ascii"),
    ("Straße gesperrt", "cp1252", "x-stadt"),
    ("①日本㈱", "cp932", "shift_jis"),
    ("朱镕基", "gbk", "gb2312"),
    ("Müll", "utf-16", "utf-16"),
    ("Müll", "utf-16-le", "utf-16"),
    ("Müll", "utf-8-sig", "iso-8859-1"),
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20] or "empty")
def test_codec_for_knows_names_of_the_wild(name: str) -> None:
    assert codec_for(name) == NAMES[name]


@pytest.mark.parametrize("text,codec", UNLABELLED)
def test_decode_text_guesses_unlabelled_text(text: str, codec: str) -> None:
    assert decode_text(text.encode(codec)) == text


@pytest.mark.parametrize("text,codec,label", WRONGLY)
def test_decode_text_sees_through_wrong_labels(text: str, codec: str, label: str) -> None:
    assert decode_text(text.encode(codec), label) == text


def test_decode_text_reads_japanese_of_microsoft() -> None:
    # JIS row 13 (NEC) and half-width kana, as cp50221 has them and iso-2022-jp has not.
    assert decode_text(b"\x1b$B-!F|K\\\x1b(B a \x1b(I13\x1b(B", "iso-2022-jp") == "①日本 a ｱｳ"


def test_decode_text_mends_stray_bytes_in_utf8() -> None:
    assert decode_text("Müll, Grüße ".encode() + b"\xfcber", "utf-8") == "Müll, Grüße über"
    assert decode_text("Müll, Grüße €".encode()[:-1], "utf-8") == "Müll, Grüße \ufffd"


def test_decode_text_drops_nul_and_lone_surrogates() -> None:
    assert decode_text(b"a\x00b") == "ab"
    assert decode_text(b"a+2AA-b", "utf-7") == "a\ufffdb"


def test_decode_html_asks_the_page_itself() -> None:
    page = '<html><head><meta charset="windows-1251"><p>Мусор'

    assert decode_html(page.encode("cp1251")) == page
    assert decode_html(page.encode("cp1251"), "windows-1251") == page
    assert decode_html(page.replace("windows-1251", "utf-16").encode()) == page.replace(
        "windows-1251", "utf-16"
    )


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([*NAMES, "utf-16", "utf-32", "hz", "johab"]))
def test_decode_text_never_raises_and_is_storable(payload: bytes, label: str) -> None:
    for text in (decode_text(payload, label), decode_html(payload, label), decode_text(payload)):
        text.encode("utf-8")
        assert "\x00" not in text
