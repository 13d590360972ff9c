"""Keys as they are shown, and what the scripts must know of an agent's own ones."""

import json
from hashlib import blake2b

from django import template
from django.urls import NoReverseMatch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from helpdesk.agents.models import User
from helpdesk.ui.routes import route
from helpdesk.ui.storage import asset_version

register = template.Library()

# What is held with another key, as it is written on keyboards of a language.
HELD = {
    "Ctrl": gettext_noop("Ctrl"),
    "Alt": gettext_noop("Alt"),
    "Esc": gettext_noop("Esc"),
    "Enter": gettext_noop("Enter"),
}


@register.simple_tag
def key_caps(keys: str) -> SafeString:
    """Show a key of the table as caps; "J" is Shift and J, whoever reads it."""
    caps = keys.split(" ")
    # What is held with Ctrl is written as on the key.
    is_held = "Ctrl" in caps
    caps = [gettext(HELD[key]) if key in HELD else key for key in caps]
    shown = (f"⇧{key}" if len(key) == 1 and key.isupper() and not is_held else key for key in caps)
    return format_html_join(" ", "<kbd>{}</kbd>", ((key,) for key in shown))


@register.simple_tag
def key_attributes(user: User) -> SafeString:
    """Return what the body says of keys: nothing for whoever has changed none."""
    off = format_html(' data-keys="{}"', "off") if getattr(user, "keys_off", False) else ""
    changes = getattr(user, "key_changes", None)
    changed = format_html(' data-key-changes="{}"', json.dumps(changes)) if changes else ""
    return format_html("{}{}", off, changed)


@register.simple_tag
def commands_version(user: User) -> str:
    """Return a digest of what the list of commands depends on, so that it may be kept."""
    depends = [user.pk, user.language, user.keys_off, user.key_changes]
    return blake2b(json.dumps(depends).encode(), digest_size=6).hexdigest()


@register.simple_tag
def page_watch() -> SafeString:
    """Return what the page watches over: session and version; nothing on sample pages."""
    try:
        sign_in, session = route("account_login"), route("desk:session")
        worker = route("desk:worker")
    except NoReverseMatch:
        return SafeString("")
    return format_html(
        ' data-sign-in="{}" data-session-url="{}" data-worker="{}" data-version="{}"',
        sign_in,
        session,
        worker,
        asset_version(),
    )
