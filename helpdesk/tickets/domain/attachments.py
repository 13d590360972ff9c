"""Files of an article, in the order in which they came."""

from collections import defaultdict
from collections.abc import Iterator

from helpdesk.files.kept import KeptFile
from helpdesk.lib.filenames import unique_name
from helpdesk.lib.statements import Insert, Lookup
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Attachment, DraftFile

_NEW_ATTACHMENTS = Insert(Attachment)
_OF_TICKET = Lookup(
    lambda ticket_id: (
        Attachment.objects.filter(article__ticket_id=ticket_id)
        .order_by("id")
        .values_list("name", "file_id")
    ),
    "ticket_id",
)


def attach_files(
    article: Article, files: tuple[InboundFile, ...], *, is_first: bool = False
) -> None:
    """Hang stored files on an article; runs in the transaction that writes the article.

    A name that other bytes have in the ticket already gets a number (mail.md 91), so the
    caller holds the ticket's lock; with ``is_first`` nothing else is there to ask for.
    """
    if not files:
        return
    there = [] if is_first else _OF_TICKET.values(ticket_id=article.ticket_id)
    names = _names(files, there)
    _NEW_ATTACHMENTS.write(
        *(
            Attachment(
                article=article,
                file_id=file.file_id,
                public_file_id=file.public_file_id,
                name=name,
                content_type=file.content_type[:120],
                size=file.size,
                is_inline=file.is_inline,
                cid=file.cid[:255],
                position=position,
            )
            for position, (file, name) in enumerate(zip(files, names, strict=True))
        )
    )


def _names(files: tuple[InboundFile, ...], there: list[tuple[str, int]]) -> Iterator[str]:
    """Yield a name for each file; bytes that are there already keep the name they have."""
    known, taken = dict(there), {name.casefold() for name, _ in there}
    names_of: dict[int, list[str]] = defaultdict(list)
    for name, file_id in known.items():
        names_of[file_id].append(name)
    for file in files:
        name = file.name[:255]
        if name.casefold() not in taken:
            yield unique_name(name, taken)
        elif names := names_of.get(file.file_id):
            yield name if name in names else names[0]
        else:
            yield unique_name(name, taken)


def inbound_of(file: Attachment | DraftFile) -> InboundFile:
    """Return a file that hangs somewhere already, to be hung elsewhere."""
    return InboundFile(
        file.file_id,
        file.name,
        file.content_type,
        file.size,
        public_file_id=file.public_file_id,
    )


def inbound_of_kept(kept: KeptFile) -> InboundFile:
    """Return an uploaded file that waited for its text."""
    return InboundFile(
        kept.file_id, kept.name, kept.content_type, kept.size, public_file_id=kept.public_id
    )
