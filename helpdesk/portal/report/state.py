"""A report as far as it has come: what was typed, and which steps remain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from helpdesk.agents.models import Authority, Team
from helpdesk.forms.models import Draft, DraftFile
from helpdesk.forms.queries import draft_of_key, files_of_draft, questions_of
from helpdesk.forms.schema import Kind, Question
from helpdesk.forms.validate import Answers, asked
from helpdesk.portal.frame import authority_of
from helpdesk.portal.report.routing import team_for
from helpdesk.tickets.models import Category, PlaceNeed

PATH = "/melden/"


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form."""

    name: str
    label: str
    url: str
    is_done: bool


class Report:
    """What one browser has typed so far, empty before the first step was sent."""

    def __init__(
        self, authority: Authority, found: Draft | None, *, is_expired: bool = False
    ) -> None:
        """Take the draft that the browser's key opens; it may have been sent, or have expired."""
        self.authority = authority
        self.sent = found if found and found.sent_at else None
        self.draft = draft = None if self.sent else found
        self.is_expired = is_expired
        self.data: dict[str, Any] = dict(draft.data) if draft else {}

    @property
    def text(self) -> str:
        """Return the description."""
        return str(self.data.get("text", ""))

    @cached_property
    def team(self) -> Team | None:
        """Return the team of reports whose topic names none; the form is not open without one."""
        return team_for(self.authority)

    @cached_property
    def topic(self) -> Category | None:
        """Return the chosen topic if it may still be chosen."""
        chosen: int | None = self.data.get("topic")
        if chosen is None:
            return None
        offered = Category.objects.filter(authority=self.authority, is_active=True, in_portal=True)
        return offered.select_related("parent").filter(pk=chosen).first()

    @property
    def has_chosen(self) -> bool:
        """Tell whether the question for the topic is answered, be it by "none of these"."""
        return "topic" in self.data and (self.data["topic"] is None or self.topic is not None)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Return all questions of the topic, asked or not."""
        return questions_of(self.draft.version if self.draft and self.topic else None)

    @property
    def answers(self) -> Answers:
        """Return the answers to the edition in use."""
        if self.draft is None:
            return {}
        found: Answers = self.data.get("answers", {}).get(str(self.draft.version_id), {})
        return found

    @cached_property
    def files(self) -> Sequence[DraftFile]:
        """Return the files that are still there."""
        return files_of_draft(self.draft.pk) if self.draft else []

    def files_of(self, question: str) -> list[DraftFile]:
        """Return the files of one question, "" for the photos."""
        return [file for file in self.files if file.question == question]

    @property
    def place_need(self) -> str:
        """Return whether the topic asks where it is."""
        return self.topic.place if self.topic else PlaceNeed.OPTIONAL

    @property
    def asks_photos(self) -> bool:
        """Tell whether the topic asks for photos, or there are some from a topic before."""
        return bool(self.files_of("")) or self.topic is None or self.topic.asks_photos

    @property
    def place(self) -> dict[str, str]:
        """Return the place; what a topic before asked for no longer counts."""
        found: dict[str, str] = self.data.get("place", {})
        return {} if self.place_need == PlaceNeed.NONE else found

    @property
    def spot(self) -> dict[str, Any]:
        """Return what a look around depends on; what was found at another one no longer counts."""
        return {"topic": self.topic.pk if self.topic else None, **self.place}

    @property
    def known_nearby(self) -> bool | None:
        """Tell whether it was answered that this is no request known nearby; None if none is."""
        nearby: dict[str, Any] = self.data.get("nearby", {})
        return nearby["is_other"] if nearby.get("spot") == self.spot else None

    @property
    def allows_anonymous(self) -> bool:
        """Tell whether one may send without a way to be reached."""
        return self.topic.allows_anonymous if self.topic else True

    @cached_property
    def steps(self) -> list[Step]:
        """Return the pages of this report in their order."""
        has_place = self.place_need == PlaceNeed.NONE or "place" in self.data
        found = [
            Step("describe", _("Your request"), reverse("portal:report"), bool(self.text)),
            Step("topic", _("Topic"), reverse("portal:report_topic"), self.has_chosen),
        ]
        found += [
            Step(
                f"question {one.key}",
                _("Details"),
                reverse("portal:report_question", args=[one.key]),
                one.key in self.answers and self._is_kept(one),
            )
            for one in asked(self.questions, self.answers)
        ]
        if self.place_need != PlaceNeed.NONE:
            found.append(Step("place", _("Place"), reverse("portal:report_place"), has_place))
        if self.known_nearby is not None:
            url = reverse("portal:report_nearby")
            found.append(Step("nearby", _("Already reported?"), url, self.known_nearby))
        if self.asks_photos:
            done = bool(self.data.get("photos"))
            found.append(Step("photos", _("Photos"), reverse("portal:report_photos"), done))
        has_contact = "contact" in self.data and self._may_stay_so
        found.append(Step("contact", _("Contact"), reverse("portal:report_contact"), has_contact))
        found.append(Step("check", _("Check and send"), reverse("portal:report_check"), False))
        return found

    def _is_kept(self, question: Question) -> bool:
        """Tell whether a file that was asked for has not been removed since."""
        if question.kind != Kind.FILE or not question.required:
            return True
        return bool(self.files_of(question.key))

    @property
    def _may_stay_so(self) -> bool:
        return self.allows_anonymous or self.data["contact"].get("way") != "anonymous"

    @property
    def next_step(self) -> Step:
        """Return the first page that is not done; the last one never is."""
        return next(step for step in self.steps if not step.is_done)

    @property
    def is_complete(self) -> bool:
        """Tell whether only sending is left."""
        return self.next_step.name == "check"

    def find_step(self, name: str) -> Step | None:
        """Return a page of this report if it may be opened yet, else None."""
        names = [step.name for step in self.steps]
        if name not in names or names.index(name) > names.index(self.next_step.name):
            return None
        return self.steps[names.index(name)]

    def step_before(self, name: str) -> Step | None:
        """Return the page one came from: the check when all is done, else the one before."""
        if self.is_complete and name != "check":
            return self.steps[-1]
        names = [step.name for step in self.steps]
        at = names.index(name)
        return self.steps[at - 1] if at else None

    def count(self) -> int | None:
        """Return how many pages there are, None while answers may still change that."""
        if not self.has_chosen or any(one.only_if for one in self.questions):
            return None
        return len(self.steps)


def cookie_name() -> str:
    """Return the name of the cookie that holds the key of a draft."""
    return "__Secure-report" if settings.SECURE else "report"


def report_of(request: HttpRequest, authority: Authority | None = None) -> Report:
    """Return the report of this browser, an empty one if it has none or sent it."""
    town = authority or authority_of(request)
    assert town is not None  # noqa: S101 - the form is not open without one
    key = request.COOKIES.get(cookie_name(), "")
    draft = draft_of_key(authority_id=town.pk, key=key)
    return Report(town, draft, is_expired=bool(key and draft is None))


def remember_key(response: HttpResponse, key: str) -> None:
    """Let the browser keep the key of its draft; no script and no other page sees it."""
    response.set_cookie(
        cookie_name(),
        key,
        max_age=24 * 3600,
        path=PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_key(response: HttpResponse) -> None:
    """Let the browser forget its draft, also one that was sent, for those who share a device."""
    response.delete_cookie(cookie_name(), path=PATH, samesite="Lax")
