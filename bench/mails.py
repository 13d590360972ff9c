"""Mails as citizens send them: of a hundred 70 plain, 20 HTML, 8 with a file, 2 replies."""

from email.message import EmailMessage
from email.policy import SMTP
from random import Random

from helpdesk.project.filling import words

TO = "tiefbau@stadt.example"
# What mail programs put around a text: a style sheet, and an element with styles for each line.
HTML = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<style><!-- {styles} --></style></head>
<body lang="DE" link="#0563C1" vlink="#954F72"><div class="WordSection1">
{lines}
<table border="0" cellspacing="0" cellpadding="0">{rows}</table>
<p class="MsoNormal"><a href="https://www.citizen.example/kontakt">www.citizen.example</a></p>
</div></body></html>"""
LINE = (
    '<p class="MsoNormal" style="margin-bottom:0cm;line-height:normal"><span lang="DE" '
    "style=\"font-size:11.0pt;font-family:'Calibri',sans-serif\">{text}<o:p></o:p></span></p>\n"
)
ROW = '<tr style="height:15pt"><td style="padding:0 5.4pt"><b>{name}</b></td><td>{text}</td></tr>\n'
STYLE = "p.MsoNormal{number}, li.MsoNormal{number} {{ margin: 0cm; font-size: 11.0pt }}\n"
PLAIN_BYTES, HTML_BYTES, FILE_BYTES = 2_000, 15_000, 200_000
PLAIN, RICH, WITH_FILE, REPLY = range(4)
# Of fifty mails 35 are plain, 10 HTML with a plain part, 4 bring a file, 1 answers an earlier one.
_TEN = (PLAIN, PLAIN, RICH, PLAIN, PLAIN, WITH_FILE, PLAIN, RICH, PLAIN, PLAIN)
KINDS = (*(_TEN * 4), *(REPLY if kind == WITH_FILE else kind for kind in _TEN))
# A reply comes so many mails after what it answers.
REPLY_AFTER = 9
# Not a multiple of three, so that it was the first of who writes again.
KNOWN_AFTER = 31


def citizens_mail(number: int, *, run: str) -> bytes:
    """Return the mail of this number; the same for the same number and run."""
    kind = KINDS[number % len(KINDS)]
    answers = number - REPLY_AFTER if kind == REPLY else None
    chance = Random(f"{run}/{number if answers is None else answers}")  # noqa: S311 - the same mails each time, no secret
    matter = chance.choice(words.MATTERS)
    street, house = words.place(chance)
    name = words.person(chance)
    text = words.letter(name, f"{street} {house}", matter.sentences, chance)
    subject = chance.choice(matter.subjects).format(s=street, n=house)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{name} <{_writer(number if answers is None else answers, run)}>"
    mail["To"] = TO
    mail["Subject"] = subject if answers is None else f"AW: {subject}"
    mail["Date"] = "Wed, 18 Nov 2026 09:00:00 +0100"
    mail["Message-ID"] = _message_id(number, run)
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = _message_id(answers, run)
    mail["Received"] = "from mx.citizen.example by mx.stadt.example; Wed, 18 Nov 2026 09:00:01"
    mail["User-Agent"] = "Mozilla Thunderbird"
    _fill(mail, kind, _longer(text, chance), chance)
    return mail.as_bytes()


def _writer(number: int, run: str) -> str:
    """Two of three write for the first time, the third as who wrote some mails before."""
    is_known = number % 3 == 0 and number >= KNOWN_AFTER
    return f"{run}.{number - KNOWN_AFTER if is_known else number}@citizen.example"


def _message_id(number: int, run: str) -> str:
    return f"<{run}.{number}@citizen.example>"


def _longer(text: str, chance: Random) -> str:
    """Add sentences until a plain mail with its headers has the size that was promised."""
    begin, middle, end = text.partition("\n\nEs geht")
    while len((begin + middle + end).encode()) < PLAIN_BYTES - 500:
        begin += " " + chance.choice(chance.choice(words.MATTERS).sentences)
    return begin + middle + end


def _fill(mail: EmailMessage, kind: int, text: str, chance: Random) -> None:
    if kind == REPLY:
        quoted = "\n".join(f"> {line}" for line in text[:800].splitlines())
        text = (
            f"Guten Tag,\n\nvielen Dank.\n\n{text[:400]}\n\nAm 18.11.2026 schrieb Stadt:\n{quoted}"
        )
    mail.set_content(text)
    if kind == RICH:
        mail.add_alternative(_html(text, HTML_BYTES - len(mail.as_bytes())), subtype="html")
    if kind == WITH_FILE:
        # Each picture is another, or the store would keep only one.
        content = b"\xff\xd8\xff\xe0" + chance.randbytes(FILE_BYTES - 4)
        mail.add_attachment(content, maintype="image", subtype="jpeg", filename="Foto.jpg")


def _html(text: str, size: int) -> str:
    """Return the text as a mail program writes it, about ``size`` bytes of it."""
    lines = "".join(LINE.format(text=line or "&nbsp;") for line in text.split("\n"))
    sentences = [each for each in text.replace("\n", " ").split(". ") if each]
    rows, at = "", 0
    styles = "".join(STYLE.format(number=number) for number in range(20))
    while len(lines) + len(rows) + len(styles) + len(HTML) < size * 0.88:
        rows += ROW.format(name=f"Punkt {at + 1}", text=sentences[at % len(sentences)])
        at += 1
    return HTML.format(styles=styles, lines=lines, rows=rows)
