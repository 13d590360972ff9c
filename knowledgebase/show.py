"""An answer in one language, ready to be shown by any face."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, override

from helpdesk.agents.models import Authority
from helpdesk.files.serve import INLINE_SIGNATURES
from knowledgebase.addresses import absolute, file_path
from knowledgebase.body import Heading, pictures_in, plain_body, show_body
from knowledgebase.models import Answer, AnswerFile, AnswerText
from knowledgebase.snippets import filled

TOC_FROM = 3


@dataclass(frozen=True, slots=True)
class Attached:
    """A file below an answer: its name, what it is and how large."""

    name: str
    url: str
    kind: str
    size: int


def kind_of(file: AnswerFile) -> str:
    """Return what a file is in the word people use: its extension."""
    extension = file.name.rpartition(".")[2]
    return extension.upper() if 1 < len(extension) < 6 else gettext("File")


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """One answer in one language, ready to be shown."""

    answer: Answer
    text: AnswerText
    html: str
    contents: tuple[Heading, ...]
    documents: list[str]
    files: list[Attached]

    @property
    def has_facts(self) -> bool:
        """Tell whether the box "at a glance" holds anything."""
        text = self.text
        return bool(text.cost or text.duration or self.documents or text.online_url)


def build_answer(
    answer: Answer,
    text: AnswerText,
    files: Iterable[AnswerFile],
    *,
    address: Callable[[int], str] = file_path,
) -> AnswerPage:
    """Put a text and the files of its version together; pictures of the text stand in it.

    ``address`` gives a file its address: that of everybody, or one that checks more.
    """
    text = filled(text, answer.authority_id)
    rows = list(files)
    pictures = {str(row.pk): (address(row.pk), row.alt) for row in rows if row.is_image}
    sizes = {str(row.pk): (row.width, row.height) for row in rows if row.is_image}
    shown = show_body(text.body, pictures, sizes=sizes)
    inside = pictures_in(text.body)
    second = tuple(heading for heading in shown.headings if heading.level == 2)
    return AnswerPage(
        answer=answer,
        text=text,
        html=shown.html,
        contents=second if len(second) >= TOC_FROM else (),
        documents=[line.strip() for line in text.documents.splitlines() if line.strip()],
        files=[
            Attached(row.name, address(row.pk), kind_of(row), row.file.size)
            for row in rows
            if row.pk not in inside
        ],
    )


def words_for(language: str) -> dict[str, str]:
    """Return the headings of an answer in its own language, whatever the page around it speaks."""
    with override(language[:2]):
        return {
            "short": gettext("In short:"),
            "contents": gettext("Contents"),
            "glance": gettext("At a glance"),
            "cost": gettext("Cost"),
            "duration": gettext("Time it takes"),
            "documents": gettext("What you need"),
            "files": gettext("Files"),
        }


def shown_in_place(file: AnswerFile) -> bool:
    """Tell whether the browser may show a file itself: pictures and PDF."""
    return file.content_type in INLINE_SIGNATURES


def plain_answer(text: AnswerText, authority: Authority) -> str:
    """Return the public words of an answer as they stand in a mail, never its internal block."""
    text = filled(text, authority.pk)
    words = words_for(text.language)
    facts = ((words["cost"], text.cost), (words["duration"], text.duration))
    lines = [f"{label}: {value}" for label, value in facts if value]
    documents = [f"- {line.strip()}" for line in text.documents.splitlines() if line.strip()]
    if documents:
        lines += [f"{words['documents']}:", *documents]
    if text.online_url:
        lines.append(f"{text.online_label}: {text.online_url}")
    body = plain_body(linked_absolutely(text.body, authority))
    return "\n\n".join(part for part in (text.summary, body, "\n".join(lines)) if part)


def linked_absolutely(html: str, authority: Authority) -> str:
    """Return a kept body whose links to other answers hold outside of this site, too."""
    return html.replace('<a href="/w/', f'<a href="{absolute(authority, "/w/")}')
