"""The form of a mailbox: way in and way out of one address."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_in.accounts import Fetching, MailboxDetails
from channels_in.models import Account
from helpdesk.agents.models import Team
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.topics import offer
from helpdesk.outbox.models import Security, Sender
from helpdesk.outbox.senders import SenderDetails, Server

KEPT = _("Leave empty to keep the stored one.")


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


class MailboxForm(SettingsForm):
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
    take_older = forms.BooleanField(
        label=_("Also take mails that are in the folder already"), required=False
    )
    authserv_id = forms.CharField(
        label=_("Name of the checking server"),
        max_length=255,
        required=False,
        help_text=_("The authserv-id of your mail server, if it marks forged senders (RFC 8601)."),
    )

    sender_name = forms.CharField(
        label=_("Name of the sender"), max_length=120, help_text=_("What citizens see.")
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

    def __init__(self, *args: Any, teams: Iterable[Team], is_new: bool, **kwargs: Any) -> None:
        """Offer teams; of a stored mailbox say that empty passwords are kept."""
        super().__init__(*args, **kwargs)
        offer(self, "team", [(team.pk, team.name) for team in teams])
        if not is_new:
            self.fields["password"].help_text = KEPT
            self.fields["smtp_password"].help_text = KEPT
        if self._chosen("kind") == Account.Kind.IMAP:
            self._demand("host", "username", *(("password",) if is_new else ()))
        if self._chosen("transport") == Sender.Transport.SMTP:
            self._demand("smtp_host")

    def _chosen(self, name: str) -> object:
        return self.data.get(name) if self.is_bound else self.initial.get(name)

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
            take_older=given["take_older"],
        )
        sender = SenderDetails(
            name=given["sender_name"],
            email=given["address"],
            transport=given["transport"],
            team_id=given["team"],
            server=self._server("smtp_"),
            subaddresses=given["subaddresses"],
        )
        return MailboxDetails(
            name=given["name"],
            address=given["address"],
            kind=given["kind"],
            team_id=given["team"],
            fetching=fetching,
            sender=sender,
            is_active=given["is_active"],
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
