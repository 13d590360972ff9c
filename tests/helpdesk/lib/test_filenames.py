"""Names of files lose what hides, leads elsewhere or breaks a system, and keep what they say."""

import pytest

from helpdesk.lib.filenames import MAX_BYTES, clean_filename, split_extension, unique_name
from helpdesk.lib.filetypes import sniff


@pytest.mark.parametrize(
    "raw, clean",
    [
        ("Antrag Müller.pdf", "Antrag Müller.pdf"),
        ("\u200b.htaccess", "htaccess"),
        ("...htaccess", "htaccess"),
        ("rechnung\u202efdp.exe", "rechnungfdp.exe"),
        ("a\x00b.pdf", "ab.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("C:\\Users\\x\\Foto.jpg", "Foto.jpg"),
        ("CON", "attachment"),
        ("con.txt", "attachment.txt"),
        ("LPT1.pdf", "attachment.pdf"),
        ("C\u200bON.pdf", "attachment.pdf"),
        ("Konzert.pdf", "Konzert.pdf"),
        ("a\r\nX-Evil: 1.pdf", "a X-Evil_ 1.pdf"),
        ('a<b>"c"|d?*.pdf', "a_b__c__d__.pdf"),
        ("name. . ", "name"),
        ("", "attachment"),
        ("...", "attachment"),
        ("/", "attachment"),
        ("\ud800x.pdf", "x.pdf"),
        ("e\u0301.txt", "é.txt"),
        ("旅行.txt", "旅行.txt"),
        ("\u3164.pdf", "pdf"),
        ("x.tar.gz", "x.tar.gz"),
    ],
)
def test_clean_filename_makes_names_plain(raw: str, clean: str) -> None:
    assert clean_filename(raw) == clean


def test_clean_filename_keeps_the_extension_of_a_long_name() -> None:
    name = clean_filename("ü" * 300 + ".docx")

    assert len(name.encode()) <= MAX_BYTES
    assert name == "ü" * 97 + ".docx"


def test_clean_filename_does_not_take_a_long_tail_for_an_extension() -> None:
    assert len(clean_filename("a." + "b" * 300).encode()) <= MAX_BYTES


def test_unique_name_counts_up_ignoring_case() -> None:
    taken: set[str] = set()

    names = [unique_name(name, taken) for name in ("a.pdf", "A.pdf", "a.pdf", "b")]

    assert names == ["a.pdf", "A (2).pdf", "a (3).pdf", "b"]


def test_split_extension_leaves_hidden_names_whole() -> None:
    assert split_extension(".htaccess") == (".htaccess", "")


@pytest.mark.parametrize(
    "content, name, declared, kind",
    [
        (b"\x89PNG\r\n\x1a\n....", "x.pdf", "application/pdf", "image/png"),
        (b"%PDF-1.7", "x", "application/octet-stream", "application/pdf"),
        (b"<html><script>", "x.png", "image/png", "text/html"),
        (b"  <!DOCTYPE html>", "x.txt", "text/plain", "text/html"),
        (b"<?xml version='1.0'?><svg onload=x>", "x.png", "image/png", "image/svg+xml"),
        (b"a;b", "x.csv", "application/octet-stream", "text/csv"),
        (b"a;b", "x.csv", "text/html\r\nX: y", "text/csv"),
        (b"???", "x", "Application/PDF; name=x", "application/pdf"),
        (b"???", "x", "", "application/octet-stream"),
        (b"PK\x03\x04", "x.docx", "application/zip", sniff(b"", name="x.docx")),
        (b"PK\x03\x04", "x.png", "image/png", "application/zip"),
        (b"MZ ist eine Zeitung", "x.txt", "text/plain", "text/plain"),
    ],
)
def test_sniff_believes_content_before_names(
    content: bytes, name: str, declared: str, kind: str
) -> None:
    assert sniff(content, name=name, declared=declared) == kind
