"""The form of an authority."""

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.domain.authority import DARK_GROUND, LIGHT_GROUND, colour_problem
from helpdesk.agents.models import Language
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.lib.languages import FURTHER, NAMES


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones a town hall may be in; those of Europe come first."""
    named = sorted(zone for zone in available_timezones() if "/" in zone)
    ordered = sorted(named, key=lambda zone: not zone.startswith("Europe/"))
    return [(zone, zone.replace("_", " ")) for zone in ordered]


class AuthorityForm(SettingsForm):
    """Everything about an authority that its administrators may change."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As citizens know it: “Stadt Musterstadt”.")
    )
    short_name = forms.CharField(
        label=_("Short name"), max_length=20, help_text=_("Stands at the top of the desk.")
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("Used when a citizen's language is not known."),
    )
    further_languages = forms.MultipleChoiceField(
        label=_("Further languages of the portal"),
        choices=[(code, NAMES[code]) for code in FURTHER],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "German and English are always offered. In these, pages and mails to citizens have "
            "their fixed texts; what you write yourselves is shown in German and marked so."
        ),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    base_url = forms.URLField(
        label=_("Base address"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("Links in mails begin with it. Empty: the address of this installation."),
    )
    contact_phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    contact_address = forms.CharField(label=_("Postal address"), required=False, max_length=200)
    map_address = forms.CharField(
        label=_("Map"),
        required=False,
        max_length=300,
        help_text=_(
            "Where a place is looked at, with {lat} and {lon} in it: your own geo portal, for "
            "example https://geoportal.example/?lat={lat}&lon={lon}. It is opened by a click only."
        ),
    )
    color_light = forms.CharField(
        label=_("Colour on light pages"),
        max_length=7,
        help_text=_("For buttons and links, as # and six digits."),
    )
    color_dark = forms.CharField(
        label=_("Colour on dark pages"),
        max_length=7,
        help_text=_("For people who have set their device to dark."),
    )
    reopen_days = forms.IntegerField(
        label=_("Days in which citizens can open a request again"),
        min_value=0,
        max_value=365,
        help_text=_(
            "Counted from its end, on the status page and by mail. Later, or with 0, their reply "
            "becomes a new request that is linked to the old one."
        ),
    )
    asks_rating = forms.BooleanField(
        label=_("Ask by mail how it went, a day after the end"),
        required=False,
        help_text=_(
            "Whoever got an answer at the end is asked there. "
            "Ratings are shown added up, from five on."
        ),
    )
    takes_by_answer = forms.BooleanField(
        label=_("Whoever answers a request first becomes responsible for it"),
        required=False,
        help_text=_("Only where nobody is responsible yet."),
    )
    require_second_factor = forms.BooleanField(
        label=_("Administrators need a second factor to sign in"), required=False
    )

    def clean_color_light(self) -> str:
        """Show an unreadable colour together with all other errors."""
        return self._readable("color_light", LIGHT_GROUND)

    def clean_color_dark(self) -> str:
        """Show an unreadable colour together with all other errors."""
        return self._readable("color_dark", DARK_GROUND)

    def _readable(self, name: str, ground: str) -> str:
        colour: str = self.cleaned_data[name]
        problem = colour_problem(colour, ground)
        if problem:
            raise forms.ValidationError(problem)
        return colour

    def clean_base_url(self) -> str:
        """Keep scheme and host only, since our own paths follow."""
        address: str = self.cleaned_data["base_url"].rstrip("/")
        if address.count("/") > 2:
            raise forms.ValidationError(_("Write only https:// and the host."))
        return address
