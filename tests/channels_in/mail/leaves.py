"""Leaves of a raw mail by way of the standard library: input for the tests of bodies alone."""

from email import message_from_bytes
from email.message import Message

from channels_in.mail.parsed import Leaf


def leaves_of(raw: bytes) -> list[Leaf]:
    """Return the leaves of well-formed mail, as the reader of MIME hands them over."""
    found: list[Leaf] = []
    _collect(message_from_bytes(raw), (), (), found)
    return found


def _collect(
    part: Message, parents: tuple[str, ...], position: tuple[int, ...], found: list[Leaf]
) -> None:
    if part.get_content_maintype() == "multipart":
        for index, child in enumerate(part.get_payload()):
            _collect(child, (*parents, part.get_content_type()), (*position, index), found)
        return
    found.append(
        Leaf(
            content_type=part.get_content_type(),
            payload=_payload(part),
            charset=part.get_content_charset(),
            disposition=part.get_content_disposition(),
            filename=part.get_filename(),
            cid=(part.get("Content-ID") or "").strip("<>") or None,
            location=part.get("Content-Location"),
            params=tuple((part.get_params() or [])[1:]),
            parents=parents,
            position=position,
        )
    )


def _payload(part: Message) -> bytes:
    inner = part.get_payload(0) if part.get_content_type() == "message/rfc822" else None
    if isinstance(inner, Message):
        return inner.as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
