"""The files of a thread as its readers want them: listed, folded, or told of by a card."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from channels_in.mail import certificates
from channels_in.mail.calendar import Card, read_card
from channels_in.mail.certificates import Certificate, read_certificate
from channels_in.mail.charset import decode_text
from helpdesk.files.models import ScanState
from helpdesk.files.store import FileMissingError, open_file
from helpdesk.lib.statements import filled
from helpdesk.tickets.models import Article, Attachment

CALENDAR = "text/calendar"
MESSAGES = frozenset({"message/rfc822", "message/global"})
# A card needs the beginning of an invitation; so many of them are read for one page.
_LONGEST_CARD = 256 * 1024
_MOST_CARDS = 10
_WITH_CARD = frozenset({CALENDAR}) | certificates.SMIME | certificates.PGP


@dataclass(frozen=True, slots=True)
class Files:
    """What an article brought: files to see at once, pictures folded away, cards.

    A card tells of an invitation, or of the certificate or key that came along.
    """

    listed: tuple[Attachment, ...] = ()
    folded: tuple[Attachment, ...] = ()
    cards: tuple[Card | Certificate, ...] = ()


_NONE = Files()


def arrange(articles: Sequence[Article]) -> dict[int, Files]:
    """Return the files of each article, by its id.

    A picture that the text of its mail shows is folded, and so is one whose very bytes came
    with an earlier article: the logo that a signature brings with each mail (mail.md 40, 93).
    """
    brought = {article.pk: filled(article, "attachments") for article in articles}
    cards = _read_cards(file for files in brought.values() for file in files)
    seen: set[int] = set()
    found: dict[int, Files] = {}
    for key, files in brought.items():
        if not files:
            found[key] = _NONE
            continue
        folded = [file for file in files if _is_folded(file, seen)]
        seen.update(file.file_id for file in files)
        found[key] = Files(
            listed=tuple(file for file in files if file not in folded),
            folded=tuple(folded),
            cards=tuple(cards[file.pk] for file in files if file.pk in cards),
        )
    return found


def _is_folded(file: Attachment, seen: set[int]) -> bool:
    is_picture = file.content_type.startswith("image/")
    return is_picture and (file.is_inline or file.file_id in seen)


def _read_cards(files: Iterable[Attachment]) -> Mapping[int, Card | Certificate]:
    wanted = [file.pk for file in files if file.content_type in _WITH_CARD][:_MOST_CARDS]
    if not wanted:
        return {}
    rows = Attachment.objects.filter(pk__in=wanted).select_related("file")
    cards = {row.pk: _read_card(row) for row in rows}
    return {key: card for key, card in cards.items() if card is not None}


def _read_card(attachment: Attachment) -> Card | Certificate | None:
    if attachment.file.scan_state == ScanState.HELD:
        return None
    kind = attachment.content_type
    try:
        with open_file(attachment.file) as stream:
            if kind == CALENDAR:
                return read_card(decode_text(stream.read(_LONGEST_CARD)))
            return read_certificate(kind, stream.read(certificates.LONGEST))
    except FileMissingError:
        return None
