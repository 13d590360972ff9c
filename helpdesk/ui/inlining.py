"""Styles and short scripts within the page, allowed by their hashes under the strict policy.

A style sheet of its own costs a slow line a whole journey (two seconds on Slow 3G) before
anything can be painted; within the page it costs a tenth of a second. The policy stays strict:
it allows exactly these texts by their SHA-256 (CSP Level 3, section 2.3.1), the same for
everybody, so that caches may keep the page.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from helpdesk.lib.contrast import is_colour, ratio

STYLE, SCRIPT = "style-src", "script-src"
NOTHING: Final = mark_safe("")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_INDENT = re.compile(r"\n\s*")
_RELATIVE = re.compile(r"url\(\.\./([^)]+)\)")
# A handful of combinations of sheets, in each an authority's colours.
KEPT = 256


def permit_inlined(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let pages put styles and scripts into themselves; what they did goes into their policy."""

    def answered(request: HttpRequest) -> HttpResponse:
        hashes: dict[str, list[str]] = {}
        request.inlined = hashes  # type: ignore[attr-defined]  # read by allow()
        response = get_response(request)
        if hashes:
            given = getattr(response, "_csp_update", None) or {}
            response._csp_update = {**given, **hashes}  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp reads it
        return response

    return answered


def allow(request: HttpRequest | None, directive: str, source: str) -> bool:
    """Note that a page holds a text with this hash; False where nobody would hear of it."""
    hashes: dict[str, list[str]] | None = getattr(request, "inlined", None)
    if hashes is None:
        return False
    hashes.setdefault(directive, []).append(source)
    return True


def allowed(request: HttpRequest | None) -> tuple[tuple[str, str], ...]:
    """Return what a page holds so far, as directives and sources."""
    hashes: dict[str, list[str]] = getattr(request, "inlined", None) or {}
    return tuple((directive, one) for directive, many in hashes.items() for one in many)


def sheets(request: HttpRequest | None, names: tuple[str, ...]) -> SafeString:
    """Return style sheets within the page; as links where its policy can't be told of them."""
    element, source = _style_of(names)
    if allow(request, STYLE, source):
        return element
    return format_html_join(
        "", '<link rel="stylesheet" href="{}">', ((static(name),) for name in names)
    )


def script(request: HttpRequest | None, name: str) -> SafeString:
    """Return a script that runs before the first paint, within the page if it may."""
    element, source = _script_of(name)
    if allow(request, SCRIPT, source):
        return element
    return format_html('<script src="{}"></script>', static(name))


def colours(request: HttpRequest | None, light: str, dark: str, url: str) -> SafeString:
    """Return an authority's colours; ``url`` is where else they are found."""
    rules = colour_sheet(light, dark)
    if not rules:
        return NOTHING
    element, source = _element("style", rules)
    if allow(request, STYLE, source):
        return element
    return format_html('<link rel="stylesheet" href="{}">', url)


@lru_cache(maxsize=KEPT)
def colour_sheet(light: str, dark: str) -> str:
    """Return an authority's colours as custom properties; empty while it has chosen none."""
    rules = _rules(light), _rules(dark)
    if not any(rules):
        return ""
    return (
        f":root{{{rules[0]}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{rules[1]}}}}}"
        f":root[data-theme=dark]{{{rules[1]}}}"
    )


def _rules(colour: str) -> str:
    """Return the properties that one colour sets, and what stands on it."""
    if not is_colour(colour):
        return ""
    on = max(("#ffffff", "#000000"), key=lambda ink: ratio(colour, ink))
    return f"--kern-color-action-default:{colour};--kern-color-action-on-default:{on}"


@lru_cache(maxsize=KEPT)
def _element(tag: str, text: str) -> tuple[SafeString, str]:
    """Return an element around a text of ours, and the source by which a policy allows it."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    # Our own files and colours: no word of anybody else gets here.
    return mark_safe(f"<{tag}>{text}</{tag}>"), f"'sha256-{digest}'"  # noqa: S308 - said above


@lru_cache(maxsize=KEPT)
def _style_of(names: tuple[str, ...]) -> tuple[SafeString, str]:
    return _element("style", "".join(map(_sheet, names)))


@lru_cache(maxsize=KEPT)
def _script_of(name: str) -> tuple[SafeString, str]:
    return _element("script", _INDENT.sub("\n", _LINE_COMMENT.sub("", _text(name))).strip())


def _sheet(name: str) -> str:
    """Return a style sheet without comments; the fonts in it are named as they are served."""
    text = _INDENT.sub("", _COMMENT.sub("", _text(name)))
    return _RELATIVE.sub(lambda found: f"url({static(found[1])})", text)


def _text(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_text(encoding="utf-8")
