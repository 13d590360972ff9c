"""Mails made to break parsers by size, depth or number (attack case 58)."""


def _nested(depth: int) -> bytes:
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return b"From: a@example.org\n" + b"".join(levels) + b"Content-Type: text/plain\n\ntief\n"


_MIXED = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
_RECIPIENTS = b",\n ".join(b"N%d <n%d@example.org>" % (n, n) for n in range(40_000))
_OPEN_WORDS = b"=?utf-8?q?" * 30_000
BOMBS = {
    "nesting-1000": _nested(1000),
    "parts-100000": _MIXED + b"--x\n\np\n" * 100_000 + b"--x--\n",
    "one-line-of-boundaries": _MIXED + b"--x " * 1_000_000,
    "guessed-boundary-of-dashes": _MIXED.replace(b"boundary=x", b"") + b"-" * 2_000_000,
    "recipients-40000": b"From: a@example.org\nTo: " + _RECIPIENTS + b"\n\nhi",
    "parameters-10000": b"Content-Type: text/plain; "
    + b"; ".join(b"x*%d=a" % n for n in range(10_000))
    + b"\n\nhi",
    "parentheses-1000": b"From: " + b"(" * 1000 + b"a@example.org\n\nhi",
    "parentheses-1-mb": b"From: " + b"(" * 1_000_000 + b"a@example.org\n\nhi",
    "quotes": b"To: " + b'"\\' * 100_000 + b"\n\nhi",
    "angles": b"To: " + b"<a@" * 100_000 + b"\n\nhi",
    "groups": b"To: " + b"a:" * 100_000 + b"\n\nhi",
    "subject-1-mb": b"Subject: " + b"x" * 1_000_000 + b"\n\nhi",
    "encoded-words-1-mb": b"Subject: " + b"=?utf-8?q?=C3=BC?= " * 55_000 + b"\n\nhi",
    "open-encoded-words": b"Subject: " + _OPEN_WORDS + b"\nTo: " + _OPEN_WORDS + b"\n\nhi",
    "folds-400000": b"Subject: a\n" + b" \n" * 400_000 + b"b\n\nhi",
    "references-1-mb": b"References: " + b"<" * 1_000_000 + b"(" * 1_000_000 + b"\n\nhi",
    "received-5000": b"Received: from a by b;\n\tMon, 1 Jun 2026\n" * 5000 + b"From: a@b.de\n\nhi",
    "fields-50000": b"X: y\n" * 50_000 + b"\nhi",
    "junk-300000": b"From: a@example.org\n" + b"no field at all\n" * 300_000,
    "nul-5-mb": bytes(5_000_000),
    "line-8-mb": b"From: a@example.org\n\n" + b"a" * 8_000_000,
    "escapes": b"From: a@example.org\n\n" + b"\x1b$B" * 100_000,
    "high-1-mb": b"From: a@example.org\n\n" + b"\xfc" * 1_000_000,
    "padding-2-mb": b"Content-Transfer-Encoding: base64\n\n" + b"=" * 2_000_000,
    "bounce-100000-lines": b"From: MAILER-DAEMON@b.de\nSubject: failure notice\n\n"
    + b"<a@b.de>: 550 no\n" * 100_000,
    "report-50000-recipients": b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822;a@b.de\nAction: failed\n\n" * 50_000,
}
