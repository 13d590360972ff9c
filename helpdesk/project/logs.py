"""Log lines without secrets: what is in an address or an error must not lie in a log."""

import logging
import re
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.views.debug import SafeExceptionReporterFilter

# The token of a status page, also where it stands inside a query; the keys of other links.
_SECRET = re.compile(
    r"((?:/|%2F)(?:s|mit|konto(?:/|%2F)(?:link|adresse)|melden(?:/|%2F)weiter)(?:/|%2F))"
    r"[^\s/%'\"?&,)]+"
    r"|((?:einladung|passwort/neu)/)[^\s/'\"?&,)]+",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_TOKEN_VALUE = re.compile(r"('(?:token|key)': ')[^']*'")


def without_secrets(text: str) -> str:
    """Return ``text`` with dots where a secret link stood."""
    text = _SECRET.sub(lambda found: f"{found.group(1) or found.group(2)}…", text)
    return _TOKEN_VALUE.sub(r"\1…'", text)


def visible(text: str) -> str:
    """Return ``text`` with its controls written out, so that nobody forges a line or a colour."""
    return _CONTROL.sub(lambda found: repr(found.group())[1:-1], text)


class Formatter(logging.Formatter):
    """Writes a line, its traceback included, without secret links and without controls."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        # Another handler may have kept the traceback as it wrote it.
        record.exc_text = None
        return without_secrets(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the message on one line, whatever names or subjects are in it."""
        record.message = visible(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - logging's name and types
        """Return the traceback, each line indented: none can pass for a line of its own."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"  {visible(line)}" for line in lines)


class ReportFilter(SafeExceptionReporterFilter):
    """Keeps secrets out of reports of failures, whichever view they came to and how far."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|CODE|COOKIE|DATABASE_URL|NONCE",
        re.IGNORECASE,
    )

    def get_post_parameters(self, request: HttpRequest | None) -> Any:  # noqa: ANN401 - as the base
        """Return what was typed, but nothing whose field has the name of a secret."""
        given = super().get_post_parameters(request)
        if not isinstance(given, QueryDict) or request is None or not self.is_active(request):
            return given
        shown = given.copy()
        for name in filter(self.hidden_settings.search, list(shown)):
            shown[name] = self.cleansed_substitute
        return shown

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:  # noqa: ANN401 - as the base
        """Return nothing: a form, a request or a password may be in any variable."""
        if request is None or self.is_active(request):
            return []
        return super().get_traceback_frame_variables(request, tb_frame)
