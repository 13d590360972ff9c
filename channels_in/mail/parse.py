"""Raw bytes to one ParsedMail: the recipe, pure and without Django; never raises."""

from dataclasses import replace

from channels_in.mail import fields
from channels_in.mail.attachments import find_attachments
from channels_in.mail.automatic import is_automatic
from channels_in.mail.body import build_body
from channels_in.mail.bounce_texts import Evidence
from channels_in.mail.bounces import find_bounce
from channels_in.mail.headers import Headers, split_head
from channels_in.mail.language import detect
from channels_in.mail.mime import MimeTree, walk
from channels_in.mail.parsed import Mailbox, ParsedMail
from channels_in.mail.quotes import is_answer
from helpdesk.lib.addresses import MAX_RECIPIENTS, normalise

SENDER_NOT_FROM = "sender_not_from"
TOO_MANY_RECIPIENTS = "too_many_recipients"
LOOP_HEADER = "x-anliegen-loop"
_LONGEST_SALVAGE = 64 * 1024
_LONGEST_ERROR = 300


def parse(raw: bytes) -> ParsedMail:
    """Understand a mail, whatever its bytes. What can't be read makes ``error``, not a raise."""
    try:
        headers, body = split_head(raw)
        tree = walk(headers, body)
        return _with_body(_envelope(headers, _body_charset(tree)), raw, headers, tree)
    except Exception as problem:  # noqa: BLE001 - never lose: the mail goes to quarantine with this
        return salvage(raw, f"{type(problem).__name__}: {problem}")


def salvage(raw: bytes, error: str) -> ParsedMail:
    """Return what the first 64 KB of headers say of a mail that can't be parsed as a whole."""
    error = error[:_LONGEST_ERROR]
    try:
        headers, _ = split_head(raw[:_LONGEST_SALVAGE])
        return replace(_envelope(headers, None), error=error)
    except Exception:  # noqa: BLE001 - the same; the raw bytes are kept in any case
        return ParsedMail(error=error)


def _envelope(headers: Headers, fallback: str | None) -> ParsedMail:
    """All that the top header block says."""
    senders = fields.find_mailboxes(headers, "from", fallback)
    sender, warnings = _sender(headers, senders, fallback)
    to = fields.find_mailboxes(headers, "to", fallback)
    cc = fields.find_mailboxes(headers, "cc", fallback)
    if len(to) >= MAX_RECIPIENTS or len(cc) >= MAX_RECIPIENTS:
        warnings = (*warnings, TOO_MANY_RECIPIENTS)
    return ParsedMail(
        subject=fields.find_subject(headers, fallback),
        sender=sender,
        senders=senders,
        to=to,
        cc=cc,
        reply_to=fields.find_mailboxes(headers, "reply-to", fallback),
        delivered_to=fields.find_delivered_to(headers),
        message_id=fields.find_message_id(headers),
        in_reply_to=fields.find_in_reply_to(headers),
        references=fields.find_references(headers),
        date=fields.find_date(headers),
        loop_header=headers.first(LOOP_HEADER) is not None,
        loop_mark=headers.text(LOOP_HEADER),
        sent_by=_sent_by(headers, senders),
        thread_topic=headers.text("thread-topic"),
        thread_index=headers.text("thread-index"),
        authentication_results=fields.find_authentication_results(headers),
        warnings=warnings,
    )


def _with_body(mail: ParsedMail, raw: bytes, headers: Headers, tree: MimeTree) -> ParsedMail:
    """Add text, files and what kind of mail it is."""
    referenced = bool(mail.in_reply_to or mail.references)
    is_reply = is_answer(mail.subject, referenced=referenced)
    body, shown = build_body(tree.leaves, is_reply=is_reply)
    bounce = find_bounce(
        Evidence(raw, headers, tree, mail.senders, text=body.text, subject=mail.subject or "")
    )
    return replace(
        mail,
        text=body.text,
        visible_text=body.visible_text,
        html=body.html,
        attachments=find_attachments(tree.leaves, shown=shown, html=body.html),
        is_auto=bounce is not None or is_automatic(headers, tree, mail.senders),
        is_bounce=bounce is not None,
        bounce=bounce,
        crypto=tree.crypto,
        language=detect(body.visible_text or body.text),
        warnings=(*mail.warnings, *tree.warnings),
    )


def _sender(
    headers: Headers, senders: tuple[Mailbox, ...], fallback: str | None
) -> tuple[Mailbox | None, tuple[str, ...]]:
    """From's first mailbox with an address; as last resort Sender or Return-Path (mail.md 52)."""
    addressed = next((mailbox for mailbox in senders if mailbox.email), None)
    if addressed is not None:
        return addressed, ()
    for name in ("sender", "return-path"):
        for mailbox in fields.find_mailboxes(headers, name, fallback):
            if mailbox.email:
                known = senders[0].name if senders else mailbox.name
                return replace(mailbox, name=known), (SENDER_NOT_FROM,)
    return (senders[0] if senders else None), ()


def _sent_by(headers: Headers, senders: tuple[Mailbox, ...]) -> str | None:
    """Who sent the mail on behalf of its author (RFC 5322 3.6.2); None if they are one."""
    authors = {normalise(mailbox.email) for mailbox in senders if mailbox.email}
    found = fields.find_mailboxes(headers, "sender")
    sender = next((mailbox.email for mailbox in found if mailbox.email), None)
    return sender if sender and authors and normalise(sender) not in authors else None


def _body_charset(tree: MimeTree) -> str | None:
    """The body's charset, in which old mailers wrote their headers too (mail.md 28)."""
    texts = (leaf for leaf in tree.leaves if leaf.content_type.startswith("text/"))
    return next((leaf.charset for leaf in texts if leaf.charset), None)
