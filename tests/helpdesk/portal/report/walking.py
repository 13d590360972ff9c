"""Filling in the report form as a browser without scripts does: pages, forms, cookies."""

import io
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from helpdesk.agents.models import Authority
from helpdesk.forms.models import Draft, Form, FormVersion
from helpdesk.forms.schema import Condition, Kind, Option, Question, write_schema
from helpdesk.tickets.models import Category, PlaceNeed, Ticket
from tests.factories.house import House

TEXT = "Die Straßenlaterne vor der Lindenstraße 12 ist dunkel."
GPS = 0x8825
ORIENTATION = 0x0112
MAKER = 0x010F


@dataclass
class Walk:
    """One browser on its way through the form."""

    client: Client = field(default_factory=Client)
    page: Any = None

    def open(self, path: str) -> "Walk":
        """Follow an address, and where it leads."""
        self.page = self.client.get(path, follow=True)
        return self

    def send(self, values: dict[str, Any] | None = None, *, to: str = "") -> "Walk":
        """Press the button of the page that is open, with these values."""
        path = to or self.path
        data = {"proof": proof_on(self.page), "homepage": ""} | (values or {})
        self.page = self.client.post(path, data, follow=True)
        return self

    @property
    def path(self) -> str:
        """Return where the browser is."""
        return str(self.page.request["PATH_INFO"])

    @property
    def html(self) -> str:
        """Return the page."""
        return str(self.page.content.decode())

    @property
    def title(self) -> str:
        """Return the page's title, blanks collapsed."""
        found = re.search(r"<title>(.*?)</title>", self.html, re.DOTALL)
        return " ".join(found.group(1).split()) if found else ""

    @property
    def errors(self) -> list[str]:
        """Return what the error summary says."""
        summary = re.search(r'<div class="error-summary".*?</div>', self.html, re.DOTALL)
        return re.findall(r"<li>(?:<a[^>]*>)?(.*?)(?:</a>)?</li>", summary[0]) if summary else []


def proof_on(page: HttpResponse) -> str:
    """Return the proof that the page's form carries."""
    found = re.search(r'name="proof" value="([^"]+)"', page.content.decode())
    return found.group(1) if found else ""


def make_topic(
    house: House, name: str = "Straßenbeleuchtung", *questions: Question, **values: Any
) -> Category:
    """Return a topic of the roads team with these questions, published."""
    topic = Category.objects.create(
        authority=house.authority, name=name, team=house.roads, **values
    )
    if questions:
        topic.form = ask(house.authority, f"topic-{topic.pk}", *questions).form
        topic.save()
    return topic


def ask(authority: Authority, key: str, *questions: Question) -> FormVersion:
    """Publish an edition of these questions."""
    form, _ = Form.objects.get_or_create(authority=authority, key=key, defaults={"name": key})
    number = form.versions.count() + 1
    return FormVersion.objects.create(
        form=form,
        number=number,
        schema=write_schema(questions),
        published_at="2026-11-01T12:00:00Z",
    )


def words(text: str) -> dict[str, str]:
    """Return a text in German only."""
    return {"de": text}


def choice(key: str, text: str, *options: str, **values: Any) -> Question:
    """Return a question with these answers, whose values are the words in small letters."""
    made = tuple(Option(option.lower(), words(option)) for option in options)
    return Question(key, Kind.CHOICE, words(text), options=made, **values)


LAMP = (
    choice("state", "Was ist mit der Lampe?", "Dunkel", "Flackert", "Beschädigt"),
    Question(
        "since",
        Kind.DATE,
        words("Seit wann?"),
        required=False,
        only_if=(Condition("state", ("dunkel", "flackert")),),
    ),
    Question(
        "number",
        Kind.NUMBER,
        words("Welche Nummer steht am Mast?"),
        required=False,
        minimum=1,
        maximum=9999,
    ),
)


def make_lamp(house: House) -> Category:
    """Return the topic most tests report to: three questions, the second on a condition."""
    return make_topic(
        house,
        "Straßenbeleuchtung",
        *LAMP,
        keywords="Laterne Lampe dunkel",
        description="Lampe dunkel, flackert oder beschädigt",
        place=PlaceNeed.REQUIRED,
    )


def walk_to_check(topic: Category, contact: dict[str, str], **files: Any) -> Walk:
    """Return a browser that stands before sending."""
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(topic.pk)})
    walk.send({"answer": "dunkel"}).send({"day": "24", "month": "11", "year": "2025"})
    walk.send({"answer": "17"}).send({"place": "Lindenstraße 12"}).send(files).send(contact)
    return walk


def calm() -> None:
    """Let the drafts be as old as somebody takes to fill them in."""
    for draft in Draft.objects.all():
        draft.created_at -= timedelta(minutes=2)
        draft.save(update_fields=["created_at"])


def only_ticket() -> Ticket:
    """Return the one request there is."""
    return Ticket.objects.select_related("category", "team", "citizen").get()


def photo(
    name: str = "laterne.jpg", *, size: tuple[int, int] = (640, 480), kind: str = "JPEG"
) -> SimpleUploadedFile:
    """Return a photo that knows where, with what and how it was taken."""
    picture = Image.new("RGB", size, "navy")
    exif = Image.Exif()
    exif[MAKER] = "Kanarienkamera"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
