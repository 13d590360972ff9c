"""Forms of filters: what they do, their rows of conditions, and a mail to try them with."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_in.filter_models import NAME_LENGTH, TAGS_LENGTH, VALUE_LENGTH
from channels_in.filters.doors import MAX_CONDITIONS, Condition, FilterDetails, SpamPolicy
from channels_in.filters.fields import FIELDS, RESULTS, YES_NO
from channels_in.models import Account, MailFilter
from helpdesk.agents.models import Team
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.topics import key_or_none, offer
from helpdesk.lib.conditions import CHOICE, NUMBER, TEXT
from helpdesk.lib.figures import is_figure
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models import Category

MAX_TRIED_BYTES = 10 * 1024 * 1024
OPERATOR_WORDS = {
    "contains": _("contains"),
    "contains_not": _("does not contain"),
    "is": _("is"),
    "is_not": _("is not"),
    "starts": _("begins with"),
    "ends": _("ends with"),
    "matches": _("matches (with *)"),
    "present": _("is there"),
    "absent": _("is not there"),
    "at_least": _("at least"),
    "at_most": _("at most"),
}
# Kind of a field → its operators; each kind has a select of its own in a row.
KINDS = {"text": TEXT, "number": NUMBER, "choice": CHOICE}
# Fields whose value is chosen → the name of that choice in a row.
CHOSEN = {"authentication": "result", "spam": "yes_no", "automatic": "yes_no"}


VALUES = ("text", "number", "result", "yes_no")


def kind_of(field: str) -> str:
    """Return the kind of a field: text, number or choice."""
    return next((kind for kind, fits in KINDS.items() if FIELDS[field].operators == fits), "text")


def _operators(kind: str) -> forms.ChoiceField:
    words = [(name, OPERATOR_WORDS[name]) for name in KINDS[kind]]
    return forms.ChoiceField(label=_("Comparison"), choices=words, required=False)


class ConditionForm(forms.Form):
    """One row; of its operators and values only those count that fit the chosen field."""

    field = forms.ChoiceField(
        label=_("Field"), choices=[(name, each.label) for name, each in FIELDS.items()]
    )
    header = forms.CharField(label=_("Name of the header"), max_length=80, required=False)
    text_operator = _operators("text")
    number_operator = _operators("number")
    choice_operator = _operators("choice")
    text = forms.CharField(label=_("Value"), max_length=VALUE_LENGTH, required=False)
    number = forms.CharField(
        label=_("Value"),
        max_length=9,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    result = forms.ChoiceField(label=_("Value"), choices=RESULTS, required=False)
    yes_no = forms.ChoiceField(label=_("Value"), choices=YES_NO, required=False)

    def __init__(self, *args: Any, problem: str = "", **kwargs: Any) -> None:
        """Take what the door said of this row."""
        super().__init__(*args, **kwargs)
        self.problem = problem
        for each in self.fields.values():
            each.widget.attrs["class"] = "input"
            if problem:
                each.widget.attrs |= {"aria-invalid": "true"}

    @property
    def operators(self) -> list[tuple[forms.BoundField, str]]:
        """Return the selects of operators, each with the kind of fields it is for."""
        return [(self[f"{kind}_operator"], kind) for kind in KINDS]

    @property
    def values(self) -> list[tuple[forms.BoundField, str]]:
        """Return the inputs of values, each with what it is for."""
        return [(self[name], name.replace("_", "-")) for name in VALUES]


def initial_of(row: Condition) -> dict[str, str]:
    """Return a row as its form shows it."""
    kind = kind_of(row.field) if row.field in FIELDS else "text"
    value_name = CHOSEN.get(row.field, kind)
    return {
        "field": row.field,
        "header": row.header,
        f"{kind}_operator": row.operator,
        value_name: row.value,
    }


def read_rows(data: Mapping[str, Any]) -> list[Condition]:
    """Return the rows that were posted, in their order; a foreign count is bounded."""
    count = data.get("rows", "")
    total = min(int(count), MAX_CONDITIONS) if is_figure(count) else 0
    return [_read_row(data, f"c{place}-") for place in range(total)]


def _read_row(data: Mapping[str, Any], prefix: str) -> Condition:
    field = data.get(f"{prefix}field", "")
    kind = kind_of(field) if field in FIELDS else "text"
    value = data.get(prefix + CHOSEN.get(field, kind), "")
    return Condition(
        field=field,
        operator=data.get(f"{prefix}{kind}_operator", ""),
        value=value.replace("\0", "")[:VALUE_LENGTH],
        header=data.get(f"{prefix}header", "").replace("\0", "").strip()[:80],
    )


def row_forms(rows: Iterable[Condition], problems: Mapping[int, str]) -> list[ConditionForm]:
    """Return the forms of rows with what they hold; ``problems`` are by number from one."""
    return [
        ConditionForm(
            prefix=f"c{place}", initial=initial_of(row), problem=problems.get(place + 1, "")
        )
        for place, row in enumerate(rows)
    ]


class FilterForm(SettingsForm):
    """A filter without its conditions."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("It stands in the history of each request the filter was applied to."),
    )
    account = forms.TypedChoiceField(
        label=_("Mailbox"), required=False, coerce=key_or_none, empty_value=None
    )
    matching = forms.ChoiceField(
        label=_("A mail has to meet"),
        choices=MailFilter.Matching.choices,
        initial=MailFilter.Matching.ALL,
        widget=forms.RadioSelect,
    )
    team = forms.TypedChoiceField(
        label=_("Team"), required=False, coerce=key_or_none, empty_value=None
    )
    category = forms.TypedChoiceField(
        label=_("Topic"), required=False, coerce=key_or_none, empty_value=None
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        required=False,
        coerce=key_or_none,
        empty_value=None,
        choices=[("", _("(leave it)")), *Priority.choices],
    )
    tags = forms.CharField(
        label=_("Tags"),
        max_length=TAGS_LENGTH,
        required=False,
        help_text=_("Words on a new request, parted by commas."),
    )
    takes_reply_to = forms.BooleanField(
        label=_("The citizen is who stands in Reply-To"),
        required=False,
        help_text=_(
            "For forms that write as one of our addresses. Never where the sender is disowned "
            "or a machine answered."
        ),
    )
    withholds_receipt = forms.BooleanField(label=_("Send no receipt"), required=False)
    verdict = forms.ChoiceField(
        label=_("Request or not"),
        choices=MailFilter.Verdict.choices,
        required=False,
        help_text=_(
            "What becomes no request stays listed with this filter as its reason, and the "
            "original is kept. A reply to one of our mails is never kept out."
        ),
    )
    is_last = forms.BooleanField(
        label=_("Do not ask the filters below it any more"), required=False
    )
    is_active = forms.BooleanField(label=_("Use this filter"), required=False, initial=True)

    def __init__(
        self,
        *args: Any,
        accounts: Iterable[Account],
        teams: Iterable[Team],
        topics: Iterable[Category],
        **kwargs: Any,
    ) -> None:
        """Offer mailboxes, teams and topics."""
        super().__init__(*args, **kwargs)
        everywhere = [("", _("(all mailboxes)"))]
        leave = [("", _("(leave it)"))]
        offer(self, "account", [*everywhere, *((each.pk, each.name) for each in accounts)])
        offer(self, "team", [*leave, *((each.pk, each.name) for each in teams)])
        offer(self, "category", [*leave, *((each.pk, topic_name(each)) for each in topics)])

    def details(self, rows: Iterable[Condition]) -> FilterDetails:
        """Return what the door takes."""
        given = self.cleaned_data
        plain = ("name", "matching", "tags", "takes_reply_to", "withholds_receipt", "verdict")
        return FilterDetails(
            conditions=tuple(rows),
            account_id=given["account"],
            team_id=given["team"],
            category_id=given["category"],
            priority=given["priority"],
            is_last=given["is_last"],
            is_active=given["is_active"],
            **{name: given[name] for name in plain},
        )


def topic_name(topic: Category) -> str:
    """Return a topic with the one it stands below."""
    return f"{topic.parent.name} – {topic.name}" if topic.parent else topic.name


class AddressForm(SettingsForm):
    """A further address of a mailbox, and where its mail goes."""

    address = forms.CharField(label=_("Address"), max_length=254)
    team = forms.TypedChoiceField(
        label=_("Team"), required=False, coerce=key_or_none, empty_value=None
    )
    category = forms.TypedChoiceField(
        label=_("Topic"), required=False, coerce=key_or_none, empty_value=None
    )

    def __init__(
        self, *args: Any, teams: Iterable[Team], topics: Iterable[Category], **kwargs: Any
    ) -> None:
        """Offer teams and topics."""
        super().__init__(*args, **kwargs)
        of_mailbox = [("", _("(the team of the mailbox)"))]
        none = [("", _("(none)"))]
        offer(self, "team", [*of_mailbox, *((each.pk, each.name) for each in teams)])
        offer(self, "category", [*none, *((each.pk, topic_name(each)) for each in topics)])


class SpamForm(SettingsForm):
    """Whose marks of spam count for a mailbox."""

    marks = forms.ChoiceField(
        label=_("Marks of spam that count"),
        choices=Account.SpamMarks.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    hop = forms.CharField(
        label=_("Name of the server"),
        max_length=255,
        required=False,
        help_text=_("As it stands behind “by” in the Received line it writes itself."),
    )
    limit = forms.IntegerField(
        label=_("Score from which on it is spam"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("For servers that only write X-Spam-Score. Else leave it empty."),
    )
    keep_days = forms.IntegerField(
        label=_("Keep held mail for so many days"),
        min_value=7,
        max_value=365,
        help_text=_("Then its content is deleted, and how many there were is recorded."),
    )

    def policy(self) -> SpamPolicy:
        """Return what the door takes."""
        return SpamPolicy(**self.cleaned_data)


class TrialForm(SettingsForm):
    """A mail to try the filters with: a stored one, a file, or its pasted source."""

    mail = forms.TypedChoiceField(
        label=_("A stored mail"), required=False, coerce=key_or_none, empty_value=None
    )
    file = forms.FileField(
        label=_("or a file (.eml)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".eml,message/rfc822"}),
    )
    source = forms.CharField(
        label=_("or the source of a mail"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    account = forms.TypedChoiceField(
        label=_("As if it came to"),
        required=False,
        coerce=key_or_none,
        empty_value=None,
        help_text=_("For a file or a source; a stored mail has its mailbox."),
    )

    def __init__(
        self,
        *args: Any,
        mails: Iterable[tuple[int, str]],
        accounts: Iterable[Account],
        **kwargs: Any,
    ) -> None:
        """Offer mails and mailboxes."""
        super().__init__(*args, **kwargs)
        offer(self, "mail", [("", _("(none)")), *mails])
        offer(self, "account", [(each.pk, each.name) for each in accounts])

    def clean(self) -> dict[str, Any]:
        """Demand one mail, and not too large a one."""
        given = super().clean() or {}
        file = given.get("file")
        if file is not None and file.size > MAX_TRIED_BYTES:
            self.add_error("file", _("This file is too large: at most 10 MB can be tried."))
        elif not any(given.get(name) for name in ("mail", "file", "source")) and not self.errors:
            self.add_error("mail", _("Choose a mail, a file, or paste the source of one."))
        return given
