"""Prepares a parsed mail for the tickets: context gathered, Inbound made, files stored."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace

from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext

from channels_in.limits import MAX_FILES, RECEIPT_WITHIN
from channels_in.mail import inbound as mapping
from channels_in.mail.parsed import ParsedMail
from channels_in.models import Account, RawMessage
from channels_in.store import is_cut
from helpdesk.files import store as files
from helpdesk.files.models import StoredFile
from helpdesk.lib.addresses import normalise
from helpdesk.lib.faults import fault
from helpdesk.lib.statements import Lookup
from helpdesk.outbox.models import Sender
from helpdesk.tickets.inbound import Inbound, InboundFile

Own = Callable[[int], frozenset[str]]
_OWN = Lookup(
    lambda authority_id: (
        Account.objects.filter(authority_id=authority_id)
        .values_list("address")
        .union(Sender.objects.filter(authority_id=authority_id).values_list("email"))
    ),
    "authority_id",
)


def prepare(raw: RawMessage, mail: ParsedMail, own: Own | None = None) -> Inbound:
    """Return the Inbound of a mail, still without its files.

    ``own`` is :func:`own_addresses`, or what remembers its answers for several mails.
    """
    arrival = find_arrival(raw, own)
    if len(mail.attachments) > MAX_FILES:
        arrival = replace(arrival, warnings=(mapping.TOO_MANY_FILES,))
    return mapping.to_inbound(mail, say_if_cut(raw, arrival))


def say_if_cut(raw: RawMessage, arrival: mapping.Arrival) -> mapping.Arrival:
    """Return the arrival with a note before the text where only the beginning is ours."""
    if not is_cut(raw):
        return arrival
    warnings = (*arrival.warnings, mapping.OVERSIZE)
    return replace(arrival, preface=_oversize_note(raw), warnings=warnings)


def find_arrival(raw: RawMessage, own: Own | None = None) -> mapping.Arrival:
    """Return what is known of a mail without reading it."""
    account = raw.account
    return mapping.Arrival(
        authority_id=account.authority_id,
        team_id=account.team_id,
        sender_id=account.sender_id,
        authserv_id=account.authserv_id,
        raw_message_id=raw.pk,
        received_at=raw.received_at,
        own_addresses=(own or own_addresses)(account.authority_id),
        envelope_from=raw.envelope_from,
        envelope_to=tuple(raw.envelope_to),
        cc_watch=account.cc_watch,
        leaves_out_copies=account.leaves_out_copies,
        is_old=raw.stored_at - raw.received_at > RECEIPT_WITHIN,
    )


def own_addresses(authority_id: int) -> frozenset[str]:
    """Return every address of an authority's mailboxes and senders, normalised."""
    return frozenset(normalise(address) for (address,) in _OWN.values(authority_id=authority_id))


def begin_files(mail: ParsedMail) -> list[Future[files.Placed]]:
    """Begin to lay the files of a mail on disk, at most 50, in order; each tells how it went."""
    fault("process.before_files")
    return [
        files.begin_placing(file.content, file.content_type)
        for file in mail.attachments[:MAX_FILES]
    ]


def await_files(begun: Sequence[Future[files.Placed]]) -> list[files.Placed]:
    """Return the files once they lie on disk; raises what went wrong with one."""
    placed = files.await_placed(begun)
    fault("process.after_files")
    return placed


def attach_files(inbound: Inbound, mail: ParsedMail, stored: Sequence[StoredFile]) -> Inbound:
    """Return the Inbound with what refers to the stored files of its mail."""
    if not stored:
        return inbound
    refers = tuple(
        InboundFile(
            file_id=row.pk,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            is_inline=file.inline,
            cid=file.cid or "",
        )
        for file, row in zip(mail.attachments, stored, strict=False)
    )
    return replace(inbound, files=refers)


def _oversize_note(raw: RawMessage) -> str:
    with translation.override(raw.account.authority.language):
        note = gettext(
            "[This mail is too large (%(size)s). Only its beginning was read; "
            "the whole of it is in the mailbox.]"
        ) % {"size": filesizeformat(raw.size)}
    return f"{note}\n\n"
