"""Templates are compiled once for each language, and what is constant in one becomes plain text.

A page has some hundred texts, icons and addresses that no request changes. Looked up
by each request they cost more than all that does change. Here a template is kept once
for each language, and after it is parsed, every node that depends on nothing but the
language is drawn and joined with the text beside it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, TokenType, Variable
from django.template.defaulttags import URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import escape
from django.utils.translation import get_language

Tag = TypeVar("Tag", bound=Callable[..., Any])


# As a number of a request stands in an address, and what stands for it while one is kept.
_NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,9}")
SAMPLE = "0000-000000"


def constant(tag: Tag) -> Tag:
    """Mark a simple tag that shows the same for the same arguments in one language."""
    tag.is_constant = True  # type: ignore[attr-defined]  # read when a template is folded
    return tag


class _Folding(base.Loader):
    """Folds what it has compiled; a template that is shown meanwhile would lose pieces."""

    def get_template(self, template_name: str, skip: list[Any] | None = None) -> Template:
        """Return the template in the active language, which nobody else has yet."""
        template = super().get_template(template_name, skip)
        fold(template)
        return template


class Loader(cached.Loader, _Folding):
    """Django's loader that keeps templates, with one for each language, folded."""

    def cache_key(self, template_name: str, skip: list[Any] | None = None) -> str:
        """Return what a template is kept under."""
        return f"{get_language()}:{super().cache_key(template_name, skip)}"


def fold(template: Template) -> None:
    """Replace what is constant in ``template`` by text, in the active language."""
    context = Context()
    with context.bind_template(template):
        _fold(template.nodelist, context)


def _fold(nodes: NodeList, context: Context) -> None:
    for node in nodes:
        for inner in _below(node):
            _fold(inner, context)
    folded: list[Node] = []
    for one in nodes:
        node = _quicker(one, context)
        text = _text_of(node, context)
        if text is None:
            folded.append(node)
        elif folded and type(folded[-1]) is TextNode:
            folded[-1] = TextNode(folded[-1].s + text)
        else:
            folded.append(TextNode(text))
    nodes[:] = folded


def _below(node: Node) -> list[NodeList]:
    """Return the lists of nodes within a node; where escaping is switched, nothing is folded."""
    if hasattr(node, "setting"):
        return []
    branches = [inner for _condition, inner in getattr(node, "conditions_nodelists", ())]
    named = [getattr(node, name, None) for name in node.child_nodelists]
    lists = [inner for inner in (*branches, *named) if isinstance(inner, NodeList)]
    # "nodelist" of an {% if %} is made anew each time and holds the same nodes once more.
    return branches or lists


def _text_of(node: Node, context: Context) -> str | None:
    if type(node) is TextNode:
        return node.s
    judge = _JUDGES.get(type(node))
    if judge is None or not judge(node, may_be_named=False):
        return None
    try:
        return str(node.render(context))
    except NoReverseMatch:
        # The page says so when it is asked for, and only if it gets there.
        return None


class _Named(Node):
    """What is constant, under a name: ``{% translate "x" as y %}``."""

    def __init__(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever a tag shows
        """Take the name and what stands under it."""
        self.name, self.value = name, value

    def render(self, context: Context) -> str:
        """Say it to what follows."""
        context[self.name] = self.value
        return ""


class _Address(Node):
    """An address of one request, without looking it up among all routes each time."""

    def __init__(self, view: str, node: Any) -> None:  # noqa: ANN401 - Django's node has no types
        """Take the route's name and the node that stands for it everywhere else."""
        self.view, self.node = view, node

    def render(self, context: Context) -> str:
        """Return the address."""
        values = [each.resolve(context) for each in self.node.args]
        numbers = [value for value in values if isinstance(value, str) and _NUMBER.fullmatch(value)]
        if len(numbers) != 1 or not all(isinstance(value, str) for value in values):
            return str(self.node.render(context))
        given = tuple(SAMPLE if value is numbers[0] else str(value) for value in values)
        pattern = _pattern(get_urlconf(), get_script_prefix(), self.view, given)
        return pattern.replace(SAMPLE, numbers[0])


@lru_cache(maxsize=512)
def _pattern(urlconf: str | None, _prefix: str, view: str, given: tuple[str, ...]) -> str:
    return escape(reverse(view, urlconf, args=given))


def _quicker(node: Node, context: Context) -> Node:
    """Return what shows the same as ``node`` for less."""
    anyhow: Any = node
    name = next((getattr(anyhow, each, None) for each in _AS if getattr(anyhow, each, None)), None)
    judge = _JUDGES.get(type(node))
    if name and judge and judge(node, may_be_named=True):
        with context.push():
            anyhow.render(context)
            # An address that is missing now is asked for again with each page.
            return _Named(str(name), context[name]) if context[name] else node
    if type(node) is URLNode and _is_of_something(anyhow):
        return _Address(anyhow.view_name.resolve(context), anyhow)
    return node


def _is_of_something(node: Any) -> bool:  # noqa: ANN401 - Django's nodes have no types
    """Tell whether an address is that of a thing which the page is about."""
    is_plain = not (node.asvar or node.kwargs) and _is_fixed(node.view_name)
    return is_plain and not all(map(_is_fixed, node.args))


def _is_fixed(value: object) -> bool:
    """Tell whether an argument in a template is written out there."""
    if value is None:
        return True
    if not isinstance(value, FilterExpression) or value.filters:
        return False
    return not isinstance(value.var, Variable) or value.var.lookups is None


def _is_fixed_text(node: Any, *, may_be_named: bool) -> bool:  # noqa: ANN401 - Django's nodes have no types
    return (
        (may_be_named or not node.asvar)
        and _is_fixed(node.filter_expression)
        and _is_fixed(node.message_context)
    )


def _is_fixed_block(node: Any, *, may_be_named: bool) -> bool:  # noqa: ANN401, ARG001 - the same
    is_plain = not (node.extra_context or node.plural or node.countervar or node.asvar)
    words = all(token.token_type == TokenType.TEXT for token in node.singular)
    return is_plain and words and _is_fixed(node.message_context)


def _is_fixed_tag(node: Any, *, may_be_named: bool) -> bool:  # noqa: ANN401 - the same
    arguments = (*node.args, *node.kwargs.values())
    return (
        getattr(node.func, "is_constant", False)
        and (may_be_named or node.target_var is None)
        and not node.takes_context
        and all(map(_is_fixed, arguments))
    )


def _is_fixed_address(node: Any, *, may_be_named: bool) -> bool:  # noqa: ANN401 - the same
    arguments = (node.view_name, *node.args, *node.kwargs.values())
    return (may_be_named or not node.asvar) and all(map(_is_fixed, arguments))


def _is_fixed_file(node: Any, *, may_be_named: bool) -> bool:  # noqa: ANN401 - the same
    return (may_be_named or node.varname is None) and _is_fixed(node.path)


# What the nodes call the name that their text is given.
_AS = ("asvar", "target_var", "varname")
_JUDGES: dict[type[Node], Callable[..., bool]] = {
    TranslateNode: _is_fixed_text,
    BlockTranslateNode: _is_fixed_block,
    SimpleNode: _is_fixed_tag,
    URLNode: _is_fixed_address,
    StaticNode: _is_fixed_file,
}
