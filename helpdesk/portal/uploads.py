"""Files that citizens add to a reply: checked, stored, and kept while the text is not sent.

A browser forgets chosen files when a page comes back with an error. So what was
uploaded is stored at once, and the page carries a signed note of it, good for this
one request alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.files.kept import KeptFile, keep_upload, read_kept
from helpdesk.files.locks import is_denied
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff_upload
from helpdesk.portal.report.quota import spend_upload
from helpdesk.tickets.models import Ticket

MAX_FILES = 5
MAX_BYTES = 10 * 1024 * 1024
MAX_TEXT = 20_000


class FilesInput(forms.ClearableFileInput):
    """A file control that takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each checked when it is stored."""

    widget = FilesInput

    def clean(
        self,
        data: Sequence[UploadedFile[Any]] | None,
        initial: object = None,  # noqa: ARG002 - Django's signature
    ) -> list[UploadedFile[Any]]:
        """Return what was uploaded, in order."""
        return list(data or ())


class FileRefusedError(Exception):
    """Says in plain words why a file was not taken."""


def _salt(ticket: Ticket) -> str:
    return f"reply-file:{ticket.pk}:{ticket.link_nonce}"


def read_notes(ticket: Ticket, notes: Iterable[str]) -> list[KeptFile]:
    """Return the files that earlier tries have stored; a note that is not ours is ignored."""
    return read_kept(notes, salt=_salt(ticket), at_most=2 * MAX_FILES)


def take_files(
    request: HttpRequest,
    ticket: Ticket,
    kept: Sequence[KeptFile],
    uploaded: Sequence[UploadedFile[Any]],
) -> tuple[list[KeptFile], list[str]]:
    """Store what fits and return all files so far, with a sentence for each that does not."""
    files, problems = list(kept), []
    for upload in uploaded:
        try:
            _check(request, upload, len(files))
            files.append(keep_upload(upload, salt=_salt(ticket)))
        except FileRefusedError as error:
            problems.append(str(error))
    return files, problems


def _check(request: HttpRequest, upload: UploadedFile[Any], already: int) -> None:
    """Refuse what is too much, too large or empty, before anything of it is stored."""
    size = upload.size or 0
    values: dict[str, Any] = {"name": clean_filename(upload.name or ""), "count": MAX_FILES}
    if already >= MAX_FILES:
        sentence = gettext("“%(name)s” is one too many. You can add up to %(count)s files.")
        raise FileRefusedError(sentence % values)
    if size > MAX_BYTES:
        sentence = gettext("“%(name)s” is too large. Each file may have up to 10 MB.")
        raise FileRefusedError(sentence % values)
    if not size:
        raise FileRefusedError(gettext("“%(name)s” is empty. Choose another file.") % values)
    if is_denied(values["name"], sniff_upload(upload, values["name"])):
        sentence = gettext("“%(name)s” is not taken: files of this kind may be harmful.")
        raise FileRefusedError(sentence % values)
    if spend_upload(request, size):
        sentence = gettext("“%(name)s” was not kept: too much came from your network. Try later.")
        raise FileRefusedError(sentence % values)


class WordsField(forms.CharField):
    """A text that is asked for; whether a file alone will do is for the view to say."""

    widget = forms.Textarea
    default_error_messages = {
        "max_length": _("The message is too long. Shorten it to %(limit_value)s characters.")
    }

    def validate(self, value: str) -> None:
        """Let an empty text through."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Show some lines, without a limit that cuts what is pasted without a word."""
        del widget
        return {"rows": 6}


class WordsForm(forms.Form):
    """A text with files, as a citizen adds it to a request."""

    use_required_attribute = False
    text = WordsField(label=_("Your message"), max_length=MAX_TEXT)
    uploads = FilesField(
        label=_("Files"),
        required=False,
        help_text=_("Up to 5 files, each up to 10 MB. For example photos or a PDF."),
    )


class ReasonForm(WordsForm):
    """Why an ended request is to be opened again."""

    text = WordsField(label=_("What is still open?"), max_length=MAX_TEXT)
