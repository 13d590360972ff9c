"""The form of a mailbox: way in and way out of one address."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels_in.accounts import Fetching, MailboxDetails, Start
from channels_in.models import Account
from helpdesk.agents.models import Team
from helpdesk.desk.forms.signin import KEPT, SignInForm, day_field
from helpdesk.desk.forms.topics import offer
from helpdesk.outbox.models import Security, Sender
from helpdesk.outbox.senders import SenderDetails, Server
from helpdesk.textmodules.placeholders import find_placeholders
from helpdesk.tickets.domain.letters import NAME_PLACEHOLDERS

FROM_NOW, FROM_DAY, FROM_FIRST = "now", "since", "all"
STARTS = (
    (FROM_NOW, _("with what arrives from now on")),
    (FROM_DAY, _("with what arrived since a day")),
    (FROM_FIRST, _("with everything that is there")),
)
MAX_FOLDERS = 20
MAX_FOLDER_NAME = 255


def password_field() -> forms.CharField:
    """Return a field that is never filled by us, whatever is stored."""
    return forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )


def host_field() -> forms.CharField:
    """Return a field for a host name or address, without a scheme."""
    return forms.RegexField(
        r"^[A-Za-z0-9_.:\[\]-]+$",
        label=_("Server"),
        max_length=255,
        required=False,
        error_messages={
            "invalid": _("Write only the name of the server, such as imap.example.org.")
        },
    )


def port_field(label_port: int) -> forms.IntegerField:
    """Return a field for a TCP port."""
    return forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=label_port)


class MailboxForm(SignInForm):
    """One address: how its mail gets here, and how answers leave."""

    name = forms.CharField(label=_("Name in this list"), max_length=80)
    address = forms.EmailField(label=_("E-mail address"), max_length=254)
    team = forms.TypedChoiceField(
        label=_("Team"), coerce=int, help_text=_("New mails become requests of this team.")
    )
    kind = forms.ChoiceField(
        label=_("Way in"), choices=Account.Kind.choices, widget=forms.RadioSelect
    )
    is_active = forms.BooleanField(label=_("Fetch mail"), required=False, initial=True)

    host = host_field()
    port = port_field(993)
    security = forms.ChoiceField(label=_("Encryption"), choices=Security.choices)
    username = forms.CharField(label=_("Login"), max_length=255, required=False)
    password = password_field()
    folder = forms.CharField(label=_("Folder"), max_length=255, initial="INBOX")
    after_filing = forms.ChoiceField(
        label=_("On the server, after filing"),
        choices=Account.AfterFiling.choices,
    )
    move_to = forms.CharField(label=_("Move to folder"), max_length=255, required=False)
    further_folders = forms.CharField(
        label=_("Further folders"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line. They are looked through every five minutes."),
    )
    start = forms.ChoiceField(
        label=_("A folder that is new here begins"), choices=STARTS, widget=forms.RadioSelect
    )
    since = day_field(_("Since"))
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)
    tells_oversize = forms.BooleanField(
        label=_("Tell senders whose mail is too large"),
        required=False,
        help_text=_(
            "Of a mail beyond 35 MB only the beginning is read. Its sender is told so once a day "
            "at most, and only if the checking server vouches for the address."
        ),
    )
    authserv_id = forms.CharField(
        label=_("Name of the checking server"),
        max_length=255,
        required=False,
        help_text=_("The authserv-id of your mail server, if it marks forged senders (RFC 8601)."),
    )

    cc_watch = forms.BooleanField(
        label=_("People in copy take part"),
        required=False,
        help_text=_(
            "Who stands in Cc of a new request may reply to it like its author. "
            "Nothing is ever sent to them by itself."
        ),
    )

    leaves_out_automatic = forms.BooleanField(
        label=_("Leave out mail of machines that answers no request"),
        required=False,
        help_text=_(
            "Newsletters, absence notes and the like become no request. They stay listed below "
            "the quarantine with their content."
        ),
    )

    leaves_out_copies = forms.BooleanField(
        label=_("Leave out what another of our mailboxes got before"),
        required=False,
        help_text=_(
            "A mail that was written to several of our addresses stays with the team whose mailbox "
            "got it first. The copy is listed below the quarantine with its content."
        ),
    )

    sender_name = forms.CharField(
        label=_("Name of the sender"), max_length=120, help_text=_("What citizens see.")
    )
    name_template = forms.CharField(
        label=_("Name before the address of answers"),
        max_length=120,
        required=False,
        help_text=_(
            "Empty: agent and team. You may write {{mitarbeiter.name}}, {{team.name}} and "
            "{{behoerde.name}}."
        ),
    )
    quotes_history = forms.BooleanField(
        label=_("Quote the citizen's last message below an answer"), required=False
    )
    sent_folder = forms.CharField(
        label=_("Folder for copies of what was sent"),
        max_length=255,
        required=False,
        help_text=_("For instance Sent. Empty: no copies."),
    )
    subaddresses = forms.BooleanField(
        label=_("The mail server also delivers address+tag@domain"),
        required=False,
        help_text=_(
            "Then replies and returned mail carry a signed tag that leads to their request."
        ),
    )
    transport = forms.ChoiceField(
        label=_("Way out"), choices=Sender.Transport.choices, widget=forms.RadioSelect
    )
    smtp_host = host_field()
    smtp_port = port_field(587)
    smtp_security = forms.ChoiceField(label=_("Encryption"), choices=Security.choices)
    smtp_username = forms.CharField(label=_("Login"), max_length=255, required=False)
    smtp_password = password_field()

    def __init__(
        self,
        *args: Any,
        teams: Iterable[Team],
        is_new: bool,
        has_secret: bool = False,
        **kwargs: Any,
    ) -> None:
        """Offer teams; of a stored mailbox say that empty passwords are kept."""
        super().__init__(*args, **kwargs)
        offer(self, "team", [(team.pk, team.name) for team in teams])
        if not is_new:
            self.fields["password"].help_text = KEPT
            self.fields["smtp_password"].help_text = KEPT
        self.demand_sign_in(has_secret=has_secret)
        if self._chosen("kind") == Account.Kind.IMAP:
            by_new_password = is_new and not self.by_token
            self._demand("host", "username", *(("password",) if by_new_password else ()))
        if self._chosen("start") == FROM_DAY:
            self._demand("since")
        if self._chosen("transport") == Sender.Transport.SMTP:
            self._demand("smtp_host", *(("smtp_username",) if self.by_token else ()))

    def demand_again(self, names: Iterable[str]) -> None:
        """Demand secrets that were typed before: no page holds them, so they would be lost."""
        needed = {"client_secret", "refresh_token"} if self.by_token else set()
        if not self.by_token and self._chosen("kind") == Account.Kind.IMAP:
            needed.add("password")
        if not self.by_token and self._chosen("transport") == Sender.Transport.SMTP:
            needed.add("smtp_password")
        self._demand(*needed.intersection(names))

    def clean_further_folders(self) -> tuple[str, ...]:
        """Return the names, one a line, as the server shows them."""
        lines = (line.strip() for line in self.cleaned_data["further_folders"].splitlines())
        names = tuple(dict.fromkeys(filter(None, lines)))
        if len(names) > MAX_FOLDERS or any(len(name) > MAX_FOLDER_NAME for name in names):
            raise forms.ValidationError(_("Name at most 20 folders, one a line."))
        return names

    def clean_name_template(self) -> str:
        """Refuse a placeholder that nobody would fill in."""
        template: str = self.cleaned_data["name_template"]
        unknown = [name for name in find_placeholders(template) if name not in NAME_PLACEHOLDERS]
        if unknown:
            text = _("Nobody fills in {{%(name)s}} here.")
            raise forms.ValidationError(text, params={"name": unknown[0]})
        return template

    def _start(self) -> Start:
        given = self.cleaned_data
        if given["start"] == FROM_NOW:
            return Start()
        day = given["since"] if given["start"] == FROM_DAY else None
        since = None if day is None else timezone.make_aware(datetime.combine(day, time.min))
        return Start(takes_older=True, since=since)

    def _demand(self, *names: str) -> None:
        for name in names:
            self.fields[name].required = True

    def details(self) -> MailboxDetails:
        """Return what the door takes."""
        given = self.cleaned_data
        fetching = Fetching(
            server=self._server(""),
            folder=given["folder"],
            after_filing=given["after_filing"],
            move_to=given["move_to"],
            authserv_id=given["authserv_id"],
            further_folders=given["further_folders"],
            start=self._start(),
            tells_oversize=given["tells_oversize"],
            sent_folder=given["sent_folder"].strip(),
        )
        sender = SenderDetails(
            name=given["sender_name"],
            email=given["address"],
            transport=given["transport"],
            team_id=given["team"],
            server=self._server("smtp_"),
            subaddresses=given["subaddresses"],
            name_template=given["name_template"],
            quotes_history=given["quotes_history"],
        )
        return MailboxDetails(
            name=given["name"],
            address=given["address"],
            kind=given["kind"],
            team_id=given["team"],
            fetching=fetching,
            sender=sender,
            is_active=given["is_active"],
            cc_watch=given["cc_watch"],
            leaves_out_automatic=given["leaves_out_automatic"],
            leaves_out_copies=given["leaves_out_copies"],
            grant=self.grant(),
        )

    def _server(self, prefix: str) -> Server:
        given = self.cleaned_data
        return Server(
            host=given[f"{prefix}host"],
            port=given[f"{prefix}port"],
            security=given[f"{prefix}security"],
            username=given[f"{prefix}username"],
            password=given[f"{prefix}password"] or None,
        )
