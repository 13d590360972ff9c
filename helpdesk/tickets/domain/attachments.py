"""Files of an article, in the order in which they came."""

from helpdesk.files.kept import KeptFile
from helpdesk.lib.statements import Insert
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Attachment, DraftFile

_NEW_ATTACHMENTS = Insert(Attachment)


def attach_files(article: Article, files: tuple[InboundFile, ...]) -> None:
    """Hang stored files on an article; runs in the transaction that writes the article."""
    if not files:
        return
    _NEW_ATTACHMENTS.write(
        *(
            Attachment(
                article=article,
                file_id=file.file_id,
                public_file_id=file.public_file_id,
                name=file.name[:255],
                content_type=file.content_type[:120],
                size=file.size,
                is_inline=file.is_inline,
                cid=file.cid[:255],
                position=position,
            )
            for position, file in enumerate(files)
        )
    )


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
