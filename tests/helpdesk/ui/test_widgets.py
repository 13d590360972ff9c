"""Controls are drawn as Django draws them, whatever is in them."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from helpdesk.ui.widgets import INPUTS, Renderer

HOSTILE = "\"><script>alert('1')</script> & ä\n<b>"
WORDS = (("a", HOSTILE), ("b", gettext_lazy("Saved")), ("", "–"))
ATTRIBUTES: dict[str, Any] = {
    "rows": 6,
    "required": True,
    "disabled": False,
    "data-x": HOSTILE,
    "title": gettext_lazy("Saved"),
    "aria-label": mark_safe("&amp;"),
    "data-none": None,
}
WIDGETS: dict[str, forms.Widget] = {
    "text": forms.TextInput(ATTRIBUTES),
    "email": forms.EmailInput({"autocomplete": "email"}),
    "number": forms.NumberInput(),
    "password": forms.PasswordInput(render_value=True),
    "hidden": forms.HiddenInput(),
    "checkbox": forms.CheckboxInput(ATTRIBUTES),
    "file": forms.ClearableFileInput({"multiple": False}),
    "date": forms.DateInput(),
    "textarea": forms.Textarea(ATTRIBUTES),
    "radio": forms.RadioSelect(ATTRIBUTES, choices=WORDS),
    "checkboxes": forms.CheckboxSelectMultiple(choices=WORDS),
    "select": forms.Select(choices=WORDS),
}
VALUES = (None, "", HOSTILE, 1234567, "b", mark_safe("&amp;"), gettext_lazy("Saved"))


@pytest.mark.parametrize("name", WIDGETS)
def test_a_control_is_drawn_as_django_draws_it(name: str) -> None:
    widget = WIDGETS[name]
    for value in VALUES:
        drawn = widget.render("feld", value, {"id": "id_feld"}, renderer=Renderer())
        theirs = widget.render("feld", value, {"id": "id_feld"}, renderer=DjangoTemplates())
        assert drawn == theirs, value


def test_a_choice_alone_is_drawn_as_django_draws_it() -> None:
    class Asked(forms.Form):
        way = forms.ChoiceField(choices=WORDS, widget=forms.RadioSelect)
        ways = forms.MultipleChoiceField(choices=WORDS, widget=forms.CheckboxSelectMultiple)

    ours, theirs = Asked(renderer=Renderer()), Asked(renderer=DjangoTemplates())

    for name in ("way", "ways"):
        for mine, other in zip(ours[name], theirs[name], strict=True):
            assert mine.tag() == other.tag()
            assert mine.tag(wrap_label=True) == other.tag(wrap_label=True)


def test_forms_use_it() -> None:
    assert type(get_default_renderer()) is Renderer
    assert "text" in INPUTS
