"""Facts about a ticket as the one grey line that stands between its articles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, gettext_noop, ngettext

from helpdesk.agents.models import ApiToken, Team, User, UserKind
from helpdesk.events.models import Event
from helpdesk.lib.statements import ask, slot
from helpdesk.outbox.models import SettledAs
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ENDED, Outcome, Priority, Solved, Status
from helpdesk.tickets.models import Category, Ticket

# What machines tell of mails of ours (RFC 3464, RFC 8098): no proof that a person has read it.
RECEIPTS = {
    "displayed": gettext_lazy("mail program reports: the e-mail was opened"),
    "deleted": gettext_lazy("mail program reports: the e-mail was deleted"),
    "delivered": gettext_lazy("mail server reports: the e-mail was delivered"),
    "relayed": gettext_lazy("mail server reports: the e-mail was passed on"),
    "other": gettext_lazy("a receipt for an e-mail came in"),
}
# Kinds of actors whose id is that of a token.
PROGRAMS = frozenset({"token", "service"})


@dataclass(slots=True)
class Names:
    """Names by id of whom and what events mention; what is missing is read in one go a kind."""

    users: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    programs: dict[int, str] = field(default_factory=dict)

    def complete(self, events: Iterable[Event]) -> None:
        """Read the names that these events mention and nobody has read yet."""
        _read(User, _targets(events, facts.ASSIGNED), self.users)
        _read(Team, _targets(events, facts.MOVED), self.teams)
        _read(Category, _targets(events, facts.CATEGORY_CHANGED), self.topics)
        self._read_programs({e.actor_id or 0 for e in events if e.actor_kind in PROGRAMS})

    def _read_programs(self, wanted: set[int]) -> None:
        """Read what the tokens are called by which programs acted, and for whom."""
        missing = wanted - self.programs.keys()
        if not missing:
            return
        rows = ApiToken.objects.filter(pk__in=missing).select_related("user")
        self.programs |= {
            token.pk: token.name
            if token.user.kind == UserKind.SERVICE
            else f"{token.user.name} ({token.name})"
            for token in rows
        }


def _targets(events: Iterable[Event], kind: str) -> set[int]:
    return {int(e.data["to"]) for e in events if e.kind == kind and e.data.get("to")}


def _read(model: type[Model], wanted: set[int], known: dict[int, str]) -> None:
    missing = wanted - known.keys()
    if missing:
        rows = model._default_manager.filter(pk__in=missing)  # noqa: SLF001 - any of three models
        known.update(rows.values_list("pk", "name"))


def _label(choices: Mapping[Any, Any], value: object) -> str:
    return str(choices.get(value, value or "–"))


def _status(event: Event, _names: Names) -> str:
    if event.data.get("outcome") == Outcome.WITHDRAWN and event.actor_kind != "user":
        return gettext("withdrawn")
    if event.data.get("from") in ENDED and event.data.get("to") == Status.OPEN:
        return gettext("opened again")
    to = _label(dict(Status.choices), event.data.get("to"))
    outcome = event.data.get("outcome")
    if outcome:
        return gettext("status: %(to)s (%(outcome)s)") % {
            "to": to,
            "outcome": _label(dict(Outcome.choices), outcome),
        }
    said = gettext("status: %(to)s") % {"to": to}
    note = _personal(event).get("note")
    return f"{said} – {note}" if note else said


def _reminded(event: Event, _names: Names) -> str:
    """Return why a request is back: what was waited for, and what for in words if somebody said."""
    waited = _label(dict(Status.choices), event.data.get("waited"))
    said = gettext("comes back as wished: %(waited)s") % {"waited": waited}
    note = _personal(event).get("note")
    return f"{said} – {note}" if note else said


def _name(known: Mapping[int, str], event: Event) -> str:
    return known.get(int(event.data.get("to") or 0), "–")


def _assigned(event: Event, names: Names) -> str:
    if event.data.get("to") is None:
        return gettext("nobody is responsible any more")
    return gettext("responsible: %(name)s") % {"name": _name(names.users, event)}


def _moved(event: Event, names: Names) -> str:
    return gettext("moved to team %(team)s") % {"team": _name(names.teams, event)}


def _priority(event: Event, _names: Names) -> str:
    return gettext("priority: %(to)s") % {
        "to": _label(dict(Priority.choices), event.data.get("to"))
    }


def _category(event: Event, names: Names) -> str:
    return gettext("topic: %(topic)s") % {"topic": _name(names.topics, event)}


def _renamed(event: Event, _names: Names) -> str:
    title = _personal(event).get("to")
    return gettext("title: %(title)s") % {"title": title} if title else gettext("title changed")


def _tagged(event: Event, _names: Names) -> str:
    """Return which tags came and went; after an erasure only that some did."""
    words = _personal(event)
    parts = [
        gettext(sentence) % {"tags": ", ".join(words[key])}
        for key, sentence in TAGGED.items()
        if words.get(key)
    ]
    return "; ".join(parts) or gettext("tags changed")


TAGGED = {
    "added": gettext_noop("tagged: %(tags)s"),
    "removed": gettext_noop("no longer tagged: %(tags)s"),
}


def _personal(event: Event) -> Mapping[str, Any]:
    """Return an event's personal values, or nothing once they are erased."""
    payload = getattr(event, "payload", None)
    return payload.data if payload else {}


def _rated(event: Event, _names: Names) -> str:
    solved = _label(dict(Solved.choices), event.data.get("solved"))
    return gettext("rated – resolved: %(solved)s") % {"solved": solved}


def _followers_told(event: Event, _names: Names) -> str:
    """Return what all who follow were told; the words only until they are erased."""
    count = event.data.get("followers", 0)
    said = ngettext("told to %(count)d follower", "told to %(count)d followers", count)
    said %= {"count": count}
    words = _personal(event).get("text")
    return f"{said}: {words}" if words else said


def _requester(event: Event, _names: Names) -> str:
    """Return who asks from then on; the name only until it is erased."""
    if event.data.get("is_same"):
        return gettext("two entries of the citizen were combined")
    if "from" not in event.data:
        return gettext("the author of the mail passed on now asks")
    name = _personal(event).get("to")
    return gettext("citizen: %(name)s") % {"name": name} if name else gettext("citizen changed")


def _extended(event: Event, _names: Names) -> str:
    """Return until when a promise was moved, and why, until the reason is erased."""
    if event.data.get("undo"):
        return gettext("deadline as before")
    due_at = timezone.localtime(datetime.fromisoformat(event.data["due_at"]))
    said = gettext("deadline extended to %(day)s") % {"day": date_format(due_at, gettext("D j M"))}
    reason = _personal(event).get("reason")
    return f"{said}: {reason}" if reason else said


SETTLED = {
    SettledAs.OTHER: gettext_noop("not delivered, sent to another address"),
    SettledAs.LETTER: gettext_noop("not delivered, sent by letter"),
    SettledAs.NOTHING: gettext_noop("not delivered, nothing more to do"),
}


def _settled(event: Event, _names: Names) -> str:
    """Return what was done about a mail that did not arrive, with address or reason."""
    how = event.data.get("how")
    if how not in SETTLED:
        return gettext("delivery to be looked at again")
    note = _personal(event).get("note")
    said = gettext(SETTLED[how])
    return f"{said}: {note}" if note else said


# What a rule of a way in did → how the history says it.
DID = {
    "team": gettext_noop("team"),
    "category": gettext_noop("topic"),
    "priority": gettext_noop("priority"),
    "requester": gettext_noop("citizen taken from Reply-To"),
    "tags": gettext_noop("tags"),
    "no_receipt": gettext_noop("no receipt"),
    "wanted": gettext_noop("never taken for spam"),
    "spam": gettext_noop("spam, but kept"),
    "drop": gettext_noop("left out, but kept"),
}


def _filtered(event: Event, _names: Names) -> str:
    return "; ".join(_rule(rule) for rule in event.data.get("rules", ()))


def _rule(rule: Mapping[str, Any]) -> str:
    sentence = gettext("filter “%(name)s”") if rule["id"] else gettext("written to %(name)s")
    did = ", ".join(gettext(DID[each]) for each in rule["did"] if each in DID)
    named = sentence % {"name": rule["name"]}
    return f"{named}: {did}" if did else named


SENTENCES: Mapping[str, Callable[[Event, Names], str]] = {
    facts.STATUS_CHANGED: _status,
    facts.REMINDED: _reminded,
    facts.ASSIGNED: _assigned,
    facts.MOVED: _moved,
    facts.PRIORITY_CHANGED: _priority,
    facts.CATEGORY_CHANGED: _category,
    facts.RENAMED: _renamed,
    facts.TAGGED: _tagged,
    facts.LINKED: lambda _e, _n: gettext("linked with another request"),
    facts.FILTERED: _filtered,
    facts.LINK_REVOKED: lambda _e, _n: gettext("status link made void"),
    facts.LINK_SENT: lambda _e, _n: gettext("status link sent"),
    facts.CODE_ISSUED: lambda _e, _n: gettext("access code shown, to be read out"),
    facts.FILE_HELD: lambda event, _n: (
        gettext("a file was held back, the virus scanner found: %(virus)s")
        % {"virus": event.data.get("virus", "?")}
    ),
    facts.RATED: _rated,
    facts.FOLLOWED: lambda _e, _n: gettext("somebody else follows this request"),
    facts.FOLLOWERS_TOLD: _followers_told,
    facts.FORWARD_WITHDRAWN: lambda _e, _n: gettext("taken back before it was forwarded"),
    facts.ANSWER_WITHDRAWN: lambda _e, _n: gettext("answer taken back before it was sent"),
    facts.NOTICE_SENT: lambda _e, _n: gettext("the citizen was told"),
    facts.REPLY_BOUNCED: lambda _e, _n: gettext("an e-mail came back: address not reachable"),
    facts.UNLINKED: lambda _e, _n: gettext("link to another request removed"),
    facts.MERGED: lambda _e, _n: gettext("merged into another request"),
    facts.MERGED_IN: lambda _e, _n: gettext("another request was merged into this one"),
    facts.REFERRED: lambda _e, _n: gettext("passed on to another authority"),
    facts.TRASHED: lambda _e, _n: gettext("put into the bin"),
    facts.RESTORED: lambda _e, _n: gettext("brought back from the bin"),
    facts.UNMERGED: lambda _e, _n: gettext("taken apart again"),
    facts.SPLIT_OFF: lambda _e, _n: gettext("a message was split off as a new request"),
    facts.SPLIT_FROM: lambda _e, _n: gettext("split off from another request"),
    facts.REQUESTER_CHANGED: _requester,
    facts.LOOP_STOPPED: lambda _e, _n: gettext(
        "opened again too often today: stays as it is. Perhaps two machines answer each other"
    ),
    facts.RECEIPT_NOTED: lambda e, _n: _label(RECEIPTS, e.data.get("report")),
    facts.ADDRESS_CLEARED: lambda _e, _n: gettext("address works again"),
    facts.DEADLINE_NEAR: lambda _e, _n: gettext("deadline near"),
    facts.DEADLINE_MISSED: lambda _e, _n: gettext("deadline missed"),
    facts.DEADLINE_EXTENDED: _extended,
    facts.DELIVERY_SETTLED: _settled,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words."""

    id: int
    at: datetime
    who: str
    what: str


def history_lines(ticket: Ticket, names: Names, *, since: datetime | None = None) -> list[Line]:
    """Return what happened besides the articles (from ``since`` on), oldest first, in words."""
    values: dict[str, Any] = {"ticket": ticket.pk} | ({"since": since} if since else {})
    events = ask(_events, since is not None, **values)
    names.complete(events)
    return [
        Line(each.pk, each.created_at, actor_of(each, names), SENTENCES[each.kind](each, names))
        for each in events
    ]


def _events(only_since: bool) -> QuerySet[Event]:  # noqa: FBT001 - the shape of a statement
    found = Event.objects.filter(
        subject_kind=facts.SUBJECT, subject_id=slot("ticket"), kind__in=list(SENTENCES)
    )
    if only_since:
        found = found.filter(created_at__gte=slot("since"))
    actor = User.objects.filter(pk=OuterRef("actor_id")).values("name")
    return found.select_related("payload").annotate(x_actor=Subquery(actor[:1])).order_by("id")


def events_of(ticket: Ticket, kinds: Iterable[str]) -> QuerySet[Event]:
    """Return the facts of these kinds about a ticket, each with its actor and personal values."""
    found = Event.objects.filter(
        subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind__in=list(kinds)
    )
    actor = User.objects.filter(pk=OuterRef("actor_id")).values("name")
    return found.select_related("payload").annotate(x_actor=Subquery(actor[:1]))


def actor_of(event: Event, names: Names) -> str:
    """Return who did it, in words."""
    if event.actor_kind == "user":
        return vars(event)["x_actor"] or gettext("a former colleague")
    if event.actor_kind in PROGRAMS:
        return names.programs.get(event.actor_id or 0) or gettext("a former program")
    if event.actor_kind in {"citizen", "external"}:
        return gettext("Citizen")
    return gettext("Automatic")
