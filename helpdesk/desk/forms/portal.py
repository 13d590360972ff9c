"""The forms of what a town says of itself in its portal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Language
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.pages.domain.places import PlaceDetails
from helpdesk.pages.domain.variants import VariantDetails
from helpdesk.pages.enums import Conformance, Method, Readers, Reason
from helpdesk.pages.models import PageVariant
from knowledgebase.marks import from_marks, to_marks

LARGEST_LIST = 2_000_000
MARKS_HINT = _(
    "## Heading, - list, 1. numbered, **bold**, [words](address). A blank line begins a paragraph."
)


class LegalTextForm(SettingsForm):
    """A page in each language of the product, as text with marks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add one field for each language; the German page is what all others fall back to."""
        super().__init__(*args, **kwargs)
        for code, name in Language.choices:
            self.fields[f"body_{code}"] = forms.CharField(
                label=name,
                required=False,
                strip=False,
                help_text=MARKS_HINT,
                widget=forms.Textarea(attrs={"rows": 16, "lang": code, "spellcheck": "true"}),
            )

    @staticmethod
    def initial_of(bodies: dict[str, str]) -> dict[str, str]:
        """Return the fields' values for kept bodies."""
        return {f"body_{code}": to_marks(body) for code, body in bodies.items()}

    def bodies(self) -> dict[str, str]:
        """Return what was typed, by language, as HTML that still has to be cleaned."""
        return {code: from_marks(self.cleaned_data[f"body_{code}"]) for code in Language.values}


class VariantForm(SettingsForm):
    """A page in plain language, as text with marks, and its video in sign language."""

    simple = forms.CharField(
        label=_("In plain language (Leichte Sprache)"),
        required=False,
        strip=False,
        help_text=MARKS_HINT,
        widget=forms.Textarea(attrs={"rows": 16, "lang": "de-simple", "spellcheck": "true"}),
    )
    video_url = forms.CharField(
        label=_("Video in sign language"),
        required=False,
        max_length=500,
        help_text=_(
            "That of a file of an answer (/w/datei/…/; MP4, WebM) is played within the page."
            " One that begins with https:// opens on the other site; nothing of it becomes part of"
            " ours."
        ),
    )
    video_length = forms.CharField(
        label=_("Length of the video"),
        required=False,
        max_length=40,
        help_text=_("For example: 2:30 minutes"),
    )
    video_words_url = forms.CharField(
        label=_("Words of the video"),
        required=False,
        max_length=500,
        help_text=_("Where they stand, if anywhere but here. A .vtt file is shown as captions."),
    )

    @staticmethod
    def initial_of(variant: PageVariant | None) -> dict[str, str]:
        """Return the fields' values for what is kept."""
        if variant is None:
            return {}
        plain = ("video_url", "video_length", "video_words_url")
        values = {name: getattr(variant, name) for name in plain}
        return values | {"simple": to_marks(variant.simple)}

    @property
    def details(self) -> VariantDetails:
        """Return what was typed, as the door takes it."""
        given = self.cleaned_data
        return VariantDetails(**(given | {"simple": from_marks(given["simple"])}))


class StatementForm(SettingsForm):
    """How accessible the portal is, who found that out, and whom to turn to."""

    conformance = forms.ChoiceField(
        label=_("How far does the portal meet the demands?"),
        choices=Conformance.choices,
        widget=forms.RadioSelect,
    )
    method = forms.ChoiceField(label=_("How was that found out?"), choices=Method.choices)
    assessed_on = forms.DateField(
        label=_("On which day?"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    assessed_by = forms.CharField(label=_("By whom?"), required=False, max_length=160)
    email = forms.EmailField(
        label=_("E-mail address for feedback"),
        required=False,
        max_length=254,
        help_text=_("Besides the form “Report a barrier”, which always leads to you."),
    )
    phone = forms.CharField(label=_("Phone for feedback"), required=False, max_length=40)
    enforcement = forms.CharField(
        label=_("Enforcement body"),
        help_text=_(
            "Name and ways to reach it, one a line. What stands here first is that of your Land; "
            "check it, for bodies and addresses change."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "lang": "de"}),
    )


class BarrierForm(SettingsForm):
    """One barrier of the portal."""

    what = forms.CharField(
        label=_("What is not accessible?"),
        max_length=300,
        help_text=_("For example: “Scanned forms from before 2020 are pictures without text.”"),
    )
    reason = forms.ChoiceField(label=_("Why?"), choices=Reason.choices, widget=forms.RadioSelect)
    alternative = forms.CharField(
        label=_("What does instead?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: “Phone us, we read the form to you and fill it in with you.”"),
    )
    gone_by = forms.DateField(
        label=_("Gone by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    what_en = forms.CharField(
        label=_("What is not accessible? (English)"), required=False, max_length=300
    )
    alternative_en = forms.CharField(
        label=_("What does instead? (English)"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AccountsForm(SettingsForm):
    """Whether citizens may have accounts."""

    offers_accounts = forms.BooleanField(
        label=_("Citizens can sign in and see all their requests"),
        required=False,
        help_text=_(
            "By a link that we mail to their address. Nobody has to: reporting and following a "
            "request never needs an account. Switched off, nobody is signed in any more, and "
            "nothing is deleted."
        ),
    )


class EmbeddingForm(SettingsForm):
    """The sites that may show the portal's frame."""

    origins = forms.CharField(
        label=_("Sites that may show the frame"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("One a line, for example https://www.musterstadt.de. Empty: none may."),
    )


class PlacesForm(SettingsForm):
    """The places a town knows, and where it ends."""

    streets = forms.CharField(
        label=_("Streets and places of your town"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "lang": "de"}),
        help_text=_(
            "One a line. Where a name is there twice, write the part of town after a semicolon:"
            " Hauptstraße; Nord. Copy the list of your survey office or take its file below."
        ),
    )
    file = forms.FileField(
        label=_("File with streets"),
        required=False,
        help_text=_("Text or CSV with semicolons. Its lines take the place of those above."),
    )
    outside = forms.CharField(
        label=_("Outside of your town"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "lang": "de"}),
        help_text=_(
            "One a line, with who is responsible after a semicolon: Nachbarstadt; Stadt"
            " Nachbarstadt, phone 01234 5678. Who names such a place is told so."
        ),
    )
    border = forms.CharField(
        label=_("Border"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "raw"}),
        help_text=_("As GeoJSON. It is compared with the position of a telephone, by us alone."),
    )
    beyond = forms.CharField(
        label=_("Who is to be asked beyond the border?"),
        required=False,
        max_length=300,
        help_text=_("For example: the town or county there; motorways: Die Autobahn GmbH"),
    )

    def clean_file(self) -> str:
        """Return the words of the file, which may come from an old table program."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > LARGEST_LIST:
            raise forms.ValidationError(_("The file is too large: 2 MB at most."))
        content: bytes = file.read()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", errors="replace")

    @property
    def details(self) -> PlaceDetails:
        """Return what was typed, as the door takes it."""
        given = self.cleaned_data
        return PlaceDetails(
            streets=given["file"] or given["streets"],
            outside=given["outside"],
            border=given["border"],
            beyond=given["beyond"],
        )


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


READERS = {
    Readers.CITIZENS: _("citizens, on the portal's home page"),
    Readers.STAFF: _("colleagues, on every page of the desk"),
    Readers.ALL: _("both"),
}


class NoticeForm(SettingsForm):
    """A notice on the portal's home page, at the desk, or on both."""

    readers = forms.ChoiceField(
        label=_("Who should know it?"), choices=READERS.items(), widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("What should they know?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "de"}),
        help_text=_("For example: “On Friday we close at 12. The waste hotline is disturbed.”"),
    )
    text_en = forms.CharField(
        label=_("In English"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
    )
    begins_at = forms.DateTimeField(label=_("Shown from"), widget=_moment())
    ends_at = forms.DateTimeField(label=_("Shown until"), widget=_moment())
