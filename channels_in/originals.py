"""Single headers of a mail that is kept, for an answer to it."""

import logging
from collections.abc import Mapping

from channels_in.mail.headers import split_head
from channels_in.models import RawMessage
from channels_in.store import read_raw
from helpdesk.files.store import FileMissingError

logger = logging.getLogger(__name__)

MAXIMUM_HEAD = 200_000


def original_headers(raw_id: int, names: tuple[str, ...]) -> Mapping[str, str]:
    """Return the decoded values of these headers, as far as the mail has them."""
    row = RawMessage.objects.select_related("file").filter(pk=raw_id).first()
    if row is None:
        return {}
    try:
        head = read_raw(row)[:MAXIMUM_HEAD]
    except FileMissingError:
        # An answer must not fail for the want of its original.
        logger.warning("the bytes of mail %s are missing", raw_id)
        return {}
    headers, _body = split_head(head)
    values = ((name, headers.text(name.lower())) for name in names)
    return {name: value for name, value in values if value}
