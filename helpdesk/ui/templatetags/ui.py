"""The components as template tags: flat HTML without includes, quick enough for list rows."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from typing import Any, Protocol

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import empty
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from helpdesk.ui import inlining
from helpdesk.ui.folding import constant
from helpdesk.ui.words import STATUSES, UNKNOWN_STATUS, script_words

register = template.Library()

AVATAR_COLOURS = 8
WEEK = 6  # days within which a weekday is unambiguous
# Pieces that many rows and pages share; each is a few hundred bytes.
CACHED = 256
SPRITE = "img/icons.svg"
NO_SAFE = mark_safe("")
DASH = "\N{EN DASH}"


class ClockState(Protocol):
    """What a deadline looks like now; level is none, calm, soon, urgent or paused."""

    @property
    def level(self) -> str:
        """Return how pressing it is; "urgent" is overdue or under 60 minutes."""

    @property
    def label(self) -> str:
        """Return what the agent reads: "0:38", "1 d 2 h", "paused"."""


class Named(Protocol):
    """Somebody with a name and a key: an agent, a citizen."""

    @property
    def pk(self) -> int | None:
        """Return the key, of which the colour depends."""

    @property
    def name(self) -> str:
        """Return the name, of which the initials are made."""


@register.simple_tag
@constant
def icon(name: str, label: str = "") -> SafeString:
    """Draw a symbol of img/icons.svg; without a label it is hidden from assistive technology."""
    return _icon(f"{_sprite()}#{name}", label)


def _sprite() -> str:
    storage = vars(staticfiles_storage).get("_wrapped")
    return static(SPRITE) if storage is empty else _address_in(storage)


@lru_cache(maxsize=1)
def _address_in(_storage: object) -> str:
    """Return where the symbols are; other settings come with a storage of their own."""
    return static(SPRITE)


@lru_cache(maxsize=CACHED)
def _icon(href: str, label: str) -> SafeString:
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.filter
def left_to_right(value: str) -> str:
    """Keep a number in its order on a page that is written from right to left."""
    if not value or not get_language_bidi():
        return value
    return format_html('<bdi dir="ltr">{}</bdi>', value)


@register.simple_tag
def status_badge(status: str, *, long: bool = False) -> SafeString:
    """Show a status as glyph and word; ``long`` tells what is waited for."""
    return _status_badge(str(status), _sprite(), get_language() or "", long=long)


@lru_cache(maxsize=CACHED)
def _status_badge(status: str, _sprite: str, _language: str, *, long: bool) -> SafeString:
    glyph, short, whole = STATUSES.get(status, UNKNOWN_STATUS)
    word = (_(whole) if long else _(short)) if whole else status
    title = format_html(' title="{}"', _(whole)) if whole != short and not long else NO_SAFE
    return format_html('<span class="st st-{}"{}>{}{}</span>', status, title, icon(glyph), word)


@register.simple_tag
def avatar(who: Named | None, *, decorative: bool = False) -> SafeString:
    """Show initials in a colour that stays with the person; nobody is a dash.

    Decorative means that the name stands beside it, so assistive technology need not read it.
    """
    key, name = (None, None) if who is None else (who.pk or 0, who.name)
    return avatar_of(key, name, decorative=decorative)


def avatar_of(key: int | None, name: str | None, *, decorative: bool = False) -> SafeString:
    """Draw the initials of who has this key and name; without a key nobody is meant."""
    return _avatar(key, name or "", get_language() or "", decorative=decorative)


@lru_cache(maxsize=4 * CACHED)
def _avatar(key: int | None, name: str, _language: str, *, decorative: bool) -> SafeString:
    if key is None:
        css, initials, name = "av-none", DASH, _("nobody")
    else:
        css, initials = f"av-{key % AVATAR_COLOURS + 1}", initials_of(name)
    if decorative:
        return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', css, initials)
    return format_html(
        # The title is its name as well, to eyes and to readers.
        '<span class="avatar {}" role="img" title="{}">{}</span>',
        css,
        name,
        initials,
    )


def initials_of(name: str) -> str:
    """Return the first letters of the first and the last word, "?" when there is none."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper() or "?"


@register.simple_tag
def due_badge(clock: ClockState | None) -> SafeString:
    """Show a deadline; filled red only when overdue or under an hour."""
    level, label = ("none", "") if clock is None else (clock.level, clock.label)
    return _due_badge(level, label, _sprite())


@lru_cache(maxsize=4 * CACHED)
def _due_badge(level: str, label: str, _sprite: str) -> SafeString:
    if level == "none":
        return format_html('<span class="due">{}</span>', DASH)
    glyph = NO_SAFE if level == "paused" else icon("clock")
    return format_html('<span class="due due-{}">{}{}</span>', level, glyph, label)


@register.simple_tag
def relative_time(moment: datetime | None, *, long: bool = False) -> SafeString:
    """Show a moment as briefly as is clear, with the exact one in the title.

    Today is the time of day, then "yesterday", the weekday, the day, the month; ``long`` adds
    the time of day to what is older than today.
    """
    if moment is None:
        return NO_SAFE
    local = timezone.localtime(moment)
    return _relative_time(local, timezone.localdate(), get_language() or "", long=long)


@lru_cache(maxsize=16 * CACHED)
def _relative_time(local: datetime, _today: date, _language: str, *, long: bool) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "DATETIME_FORMAT"),
        long_moment(local) if long else short_moment(local),
    )


@register.simple_tag
def short_time(moment: datetime) -> str:
    """Show day and time in digits."""
    return _formatted(timezone.localtime(moment), "SHORT_DATETIME_FORMAT", get_language() or "")


@register.simple_tag
def day_and_time(moment: datetime) -> str:
    """Show weekday, day and time of day."""
    return _formatted(timezone.localtime(moment), _("D j M, H:i"), get_language() or "")


@lru_cache(maxsize=16 * CACHED)
def _formatted(local: datetime, form: str, _language: str) -> str:
    return date_format(local, form)


def short_moment(local: datetime) -> str:
    """Return at most ten characters for a list."""
    today = timezone.localdate()
    day = local.date()
    if day == today:
        return date_format(local, "H:i")
    if day == today - timedelta(days=1):
        return _("yesterday")
    if timedelta(0) < today - day <= timedelta(days=WEEK):
        return date_format(local, "D")
    return date_format(local, _("j M") if day.year == today.year else _("M Y"))


def long_moment(local: datetime) -> str:
    """Return day and time for a thread."""
    today = timezone.localdate()
    if local.date() == today:
        return f"{_('today')} {date_format(local, 'H:i')}"
    return date_format(local, _("D j M, H:i") if local.year == today.year else _("D j M Y, H:i"))


@register.simple_tag
def options(choices: Iterable[tuple[Any, Any]], chosen: Any = None, prefix: str = "") -> SafeString:  # noqa: ANN401 - values of any kind
    """Draw the options of a select from pairs of value and word."""
    return mark_safe(  # noqa: S308 - escaped in option
        "".join(option(f"{prefix}{value}", str(word), value == chosen) for value, word in choices)
    )


def option(value: str, word: str, is_chosen: bool) -> str:  # noqa: FBT001 - as it is drawn
    """Return one option of a select."""
    selected = " selected" if is_chosen else ""
    return f'<option value="{escape(value)}"{selected}>{escape(word)}</option>\n'


@register.simple_tag
@constant
def kbd(*keys: str) -> SafeString:
    """Show keys; hidden from assistive technology, which reads aria-keyshortcuts instead."""
    return format_html_join("", '<kbd aria-hidden="true">{}</kbd>', ((key,) for key in keys))


@register.simple_tag
def field(bound: BoundField, *, page: bool = False) -> SafeString:
    """Show a form field with its label, hint and errors wired to it.

    ``page`` makes the label the heading of the page, for forms with one question.
    """
    if bound.is_hidden:
        return bound.as_widget()
    checkbox = isinstance(bound.field.widget, CheckboxInput)
    parts = (hint_of(bound), errors_of(bound))
    if checkbox:
        box = format_html('<label class="choice">{} <span>{}</span></label>', bound, bound.label)
        return wrapped(bound, "div", format_html("{}{}{}", box, *parts))
    if bound.use_fieldset:
        choices = format_html_join(
            "",
            '<label class="choice">{} <span>{}</span></label>',
            ((choice.tag(), choice.choice_label) for choice in bound),
        )
        inner = format_html(
            '{}{}{}<div class="choices">{}</div>',
            heading_of(bound, "legend", page=page),
            *parts,
            choices,
        )
        return wrapped(bound, "fieldset", inner)
    widget = bound.as_widget(attrs={"class": css_of(bound)})
    return wrapped(
        bound, "div", format_html("{}{}{}{}", heading_of(bound, "label", page=page), *parts, widget)
    )


def css_of(bound: BoundField) -> str:
    """Return the class of the widget, keeping what the form gave it."""
    return f"{bound.field.widget.attrs.get('class', '')} input".strip()


def wrapped(bound: BoundField, element: str, inner: SafeString) -> SafeString:
    """Put the parts of a field into its box; a fieldset gets its own description."""
    css = "field has-error" if bound.errors else "field"
    described = bound.aria_describedby if element == "fieldset" else ""
    attribute = format_html(' aria-describedby="{}"', described) if described else NO_SAFE
    return format_html('<{} class="{}"{}>{}</{}>', element, css, attribute, inner, element)


def heading_of(bound: BoundField, element: str, *, page: bool) -> SafeString:
    """Return the label or legend, which says so when an answer is optional."""
    optional = (
        NO_SAFE
        if bound.field.required
        else format_html(' <span class="optional">{} {}</span>', DASH, _("optional"))
    )
    text = format_html("{}{}", bound.label or "", optional)
    if element == "legend":
        return format_html("<legend>{}</legend>", page_heading(text) if page else text)
    label = format_html('<label for="{}">{}</label>', bound.id_for_label, text)
    return page_heading(label) if page else label


def page_heading(inner: SafeString) -> SafeString:
    """Return the heading of a page with one question; it takes the focus unless errors do."""
    return format_html('<h1 class="label-page" tabindex="-1" autofocus>{}</h1>', inner)


def hint_of(bound: BoundField) -> SafeString:
    """Return the help text under the identifier that Django's aria-describedby names."""
    if not bound.help_text:
        return NO_SAFE
    return format_html('<p class="hint" id="{}_helptext">{}</p>', bound.auto_id, bound.help_text)


def errors_of(bound: BoundField) -> SafeString:
    """Return the errors under the identifier that Django's aria-describedby names."""
    if not bound.errors:
        return NO_SAFE
    lines = format_html_join(mark_safe("<br>"), "{}", ((error,) for error in bound.errors))
    return format_html(
        '<p class="error" id="{}_error"><span class="vh">{} </span>{}</p>',
        bound.auto_id,
        _("Error:"),
        lines,
    )


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """List the errors of a form as links to their fields; takes the focus when the page opens."""
    if not form.errors:
        return NO_SAFE
    general = ((error,) for error in form.non_field_errors())
    found = [(bound, error) for bound in form if not bound.is_hidden for error in bound.errors]
    # "This field is required." twice would not tell which field: then the label goes before it.
    alike = len({error for _bound, error in found}) < len(found)
    linked = (
        (anchor_of(bound), f"{bound.label}: {error}" if alike else error) for bound, error in found
    )
    return format_html(
        '<div class="error-summary" role="alert" tabindex="-1" autofocus>'
        "<h2>{}</h2><ul>{}{}</ul></div>",
        _("Please check what you entered"),
        format_html_join("", "<li>{}</li>", general),
        format_html_join("", '<li><a href="#{}">{}</a></li>', linked),
    )


def anchor_of(bound: BoundField) -> str:
    """Return the identifier of the field's control; of a group, that of its first one."""
    return bound.id_for_label or f"{bound.auto_id}_0"


@register.simple_tag(takes_context=True)
def paging(context: template.Context, page: Page[object]) -> SafeString:
    """Show links to the pages before and after; keeps the filters of the address."""
    if not page.has_other_pages():
        return NO_SAFE
    links = []
    if page.has_previous():
        links.append(
            (page_address(context, page.previous_page_number()), "prev", _("Previous page"))
        )
    if page.has_next():
        links.append((page_address(context, page.next_page_number()), "next", _("Next page")))
    return format_html(
        '<nav class="paging" aria-label="{}">{} <span class="muted">{}</span></nav>',
        _("Pages"),
        format_html_join(" ", '<a class="btn" href="{}" rel="{}">{}</a>', links),
        _("Page %(number)s of %(total)s")
        % {"number": page.number, "total": page.paginator.num_pages},
    )


def page_address(context: template.Context, number: int) -> str:
    """Return the address of this list with another page number."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def styles(context: template.Context, *names: str) -> SafeString:
    """Put style sheets of ours into the page, so that nothing is waited for."""
    return inlining.sheets(context.get("request"), names)


@register.simple_tag(takes_context=True)
def early_script(context: template.Context, name: str) -> SafeString:
    """Put a script that has to run before the first paint into the page."""
    return inlining.script(context.get("request"), name)


@register.simple_tag(takes_context=True)
def brand_styles(context: template.Context) -> SafeString:
    """Put the colours of the page's authority into the page."""
    authority = context.get("authority")
    if not authority:
        return NO_SAFE
    return inlining.colours(
        context.get("request"), authority.color_light, authority.color_dark, reverse("brand_css")
    )


@register.simple_tag
@constant
def script_words_meta(kind: str = "") -> SafeString:
    """Hand the scripts their words without a line of inline script; "writing" for more of them.

    Every page carries them. Quotes of JSON stand as they are: of what is escaped each weighs six.
    """
    found = script_words(writing=kind == "writing")
    words = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    safe = escape(words, quote=False).replace("'", "&#x27;")
    return mark_safe(f"<meta name=\"words\" content='{safe}'>")  # noqa: S308 - escaped above
