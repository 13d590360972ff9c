"""Mails as citizens send them: plain, HTML, with a file, replies."""

from email.message import EmailMessage
from email.policy import SMTP
from random import Random

from helpdesk.project.filling import words

TO = "tiefbau@stadt.example"
HTML = (
    "<html><head><style>p {{ margin: 0 }}</style></head><body>"
    '<p class="x">{text}</p><div>--<br>Gesendet mit dem Telefon</div></body></html>'
)
# A file of 40 KB, as a photograph that a telephone has made small.
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 160
PLAIN, RICH, WITH_FILE = range(3)
# Of ten mails six are HTML with a plain part, three plain, one brings a picture.
KINDS = (RICH, PLAIN, RICH, RICH, PLAIN, RICH, WITH_FILE, RICH, PLAIN, RICH)


def citizens_mail(number: int, *, run: str) -> bytes:
    """Return the mail of this number; the same for the same number and run."""
    chance = Random(f"{run}/{number}")  # noqa: S311 - the same mails each time, no secret
    matter = chance.choice(words.MATTERS)
    street, house = words.place(chance)
    name = words.person(chance)
    text = words.letter(name, f"{street} {house}", matter.sentences, chance)
    mail = EmailMessage(policy=SMTP)
    # Two of three write for the first time.
    writer = number if number % 3 else number // 30
    mail["From"] = f"{name} <{run}.{writer}@citizen.example>"
    mail["To"] = TO
    mail["Subject"] = chance.choice(matter.subjects).format(s=street, n=house)
    mail["Date"] = "Wed, 18 Nov 2026 09:00:00 +0100"
    mail["Message-ID"] = f"<{run}.{number}@citizen.example>"
    mail["Received"] = "from mx.citizen.example by mx.stadt.example; Wed, 18 Nov 2026 09:00:01"
    mail["User-Agent"] = "Mozilla Thunderbird"
    mail.set_content(text)
    _add_parts(mail, KINDS[number % len(KINDS)], text)
    return mail.as_bytes()


def _add_parts(mail: EmailMessage, kind: int, text: str) -> None:
    if kind == RICH:
        mail.add_alternative(HTML.format(text=text.replace("\n", "<br>\n")), subtype="html")
    if kind == WITH_FILE:
        # Each picture is another, or the store would keep only one.
        content = PICTURE + str(mail["Message-ID"]).encode()
        mail.add_attachment(content, maintype="image", subtype="jpeg", filename="Foto.jpg")
