"""Draws the controls of forms without templates: the same HTML as Django's, in a tenth of the time.

A page with a form of five questions draws a dozen controls, and each of Django's is a template
that includes two more: a third of what the page cost (docs/adr/0104). What is not in the table
below is drawn by Django. Overriding a template of these in a folder has no effect.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, escape

FOLDER: Final = "django/forms/widgets/"
INPUTS: Final = (
    *("text", "email", "tel", "url", "search", "color", "number", "password", "hidden"),
    *("date", "datetime", "time", "file", "checkbox"),
)
Widget = Mapping[str, Any]


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{conditional_escape(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = widget["value"]
    given = "" if value is None else f' value="{conditional_escape(value)}"'
    named = f'type="{escape(widget["type"])}" name="{escape(widget["name"])}"'
    return f"<input {named}{given}{_attributes(widget)}>"


def _option(widget: Widget) -> str:
    drawn = _input(widget)
    if not widget.get("wrap_label"):
        return drawn
    key = widget["attrs"].get("id")
    target = f' for="{conditional_escape(key)}"' if key else ""
    return f"<label{target}>{drawn}\n {conditional_escape(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    value = conditional_escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{escape(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


_DRAWN: Final[Mapping[str, Callable[[Widget], str]]] = {
    **{f"{FOLDER}{name}.html": _input for name in INPUTS},
    f"{FOLDER}radio_option.html": _option,
    f"{FOLDER}checkbox_option.html": _option,
    f"{FOLDER}textarea.html": _textarea,
}


class Renderer(DjangoTemplates):
    """Django's renderer of forms, with the most frequent controls drawn here."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:  # noqa: ANN401 - Django's signature
        """Return a control."""
        draw = _DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return draw(context["widget"])
