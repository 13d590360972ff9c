"""Which texts of answers name which shared texts, kept beside the texts."""

from collections.abc import Sequence

from django.db.models import Value
from django.db.models.functions import Greatest, StrIndex

from helpdesk.agents.models import Authority
from knowledgebase.models import AnswerText, Snippet, SnippetUse
from knowledgebase.sharing import is_current
from knowledgebase.snippets import FIELDS, names_in


def hold_names(authority_id: int) -> None:
    """Let nobody else make, name or delete shared texts of an authority until the commit.

    Otherwise a text that names one and the making of that one, at the same moment, would not
    see each other. Whoever needs it takes it before the rows of texts.
    """
    rows = Authority.objects.select_for_update(no_key=True).filter(pk=authority_id)
    rows.values_list("pk").get()


def note_uses(texts: Sequence[AnswerText], authority_id: int) -> None:
    """Note what these texts, just written, name; the caller holds the transaction."""
    SnippetUse.objects.filter(text__in=[text.pk for text in texts]).delete()
    named = {text.pk: names_in(text) for text in texts}
    wanted = frozenset().union(*named.values())
    if not wanted:
        return
    hold_names(authority_id)
    rows = Snippet.objects.filter(authority_id=authority_id, name__in=wanted)
    keys = dict(rows.values_list("name", "pk"))
    SnippetUse.objects.bulk_create(
        SnippetUse(snippet_id=keys[name], text_id=text)
        for text, names in named.items()
        for name in sorted(names & keys.keys())
    )


def adopt(snippet: Snippet) -> None:
    """Note the texts that named a shared text before there was one of this name.

    The caller holds the names. It reads through the texts of the authority, once for each
    shared text that is made.
    """
    texts = AnswerText.objects.filter(is_current(), answer__authority=snippet.authority_id)
    braces = Greatest(*(StrIndex(field, Value("{{")) for field in FIELDS))
    for text in texts.annotate(braces=braces).filter(braces__gt=0).iterator():
        if snippet.name in names_in(text):
            SnippetUse.objects.create(snippet=snippet, text=text)
