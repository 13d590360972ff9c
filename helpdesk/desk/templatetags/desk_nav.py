"""The navigation beside every page of the desk, drawn in one go."""

from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from helpdesk.ui.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def side_nav(items: Iterable[dict[str, Any]]) -> SafeString:
    """Draw the lists, teams, saved views and tools, each section under its heading."""
    sections = groupby(items, key=lambda item: str(item.get("section", "")))
    return mark_safe("".join(_section(name, list(lines)) for name, lines in sections))  # noqa: S308 - every value is escaped


def _section(name: str, items: list[dict[str, Any]]) -> str:
    heading = f"<h2>{escape(name)}</h2>\n" if name else ""
    lines = "".join(f"<li>{_link(item)}</li>\n" for item in items)
    return f"{heading}<ul>\n{lines}</ul>\n"


def _link(item: dict[str, Any]) -> str:
    current = ' aria-current="page"' if item.get("current") else ""
    key = f' data-key="{escape(item["key"])}"' if item.get("key") else ""
    symbol = icon(item["icon"]) if item.get("icon") else ""
    # Its first letters stand for it where there is room for a symbol alone.
    short = "" if symbol else f' data-short="{escape(item["label"][:2])}"'
    return (
        f'<a href="{escape(item["url"])}"{current}{key}{short}>{symbol}'
        f"<span>{escape(item['label'])}</span>{_count(item)}</a>"
    )


def _count(item: dict[str, Any]) -> str:
    if item.get("count") is None:
        return ""
    hot = " count-hot" if item.get("hot") else ""
    slug = f' data-count="{escape(item["slug"])}"' if item.get("slug") else ""
    return f'<span class="count{hot}"{slug}>{item["count"]}</span>'
