"""The MIME tree of a mail as a flat list of leaves: iterative, bounded, tolerant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_in.mail.headers import Headers, decode_header, split_head
from channels_in.mail.parameters import Structured, parse_structured, valid_type
from channels_in.mail.parsed import Crypto, Leaf
from channels_in.mail.smime import cms_kind, signed_content
from channels_in.mail.transfer import decode_transfer

MAX_DEPTH = 50
MAX_PARTS = 1000
TOO_DEEP = "mime_too_deep"
TOO_MANY_PARTS = "mime_too_many_parts"
_REST_NAME = "rest-of-mail.eml"
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
# Where a transfer encoding that is not true would destroy words, so it is looked at twice.
_WORDS_INSIDE = frozenset(
    ("text/plain", "text/html", "text/markdown", "text/enriched", "message/rfc822")
)
_GUESSED_BOUNDARY = re.compile(
    rb"^--([^\s-][^\r\n]{0,199}?|-{2,}[^\s-][^\r\n]{0,199}?)[ \t]*\r?$", re.MULTILINE
)
_CONTENT_FIELD = re.compile(rb"content-[a-z-]{2,30}[ \t]*:", re.IGNORECASE)
# A body that begins with a boundary and a field: its own Content-Type got lost on the way.
_LOST_HEAD = re.compile(
    rb"\s{0,20}--[^\s-][^\r\n]{0,199}\r?\ncontent-[a-z-]{2,30}[ \t]*:", re.IGNORECASE
)
# What mail programs write before the first part for those that know no parts, sentence by
# sentence; blanks may be line breaks, and the whole be quoted.
_SENTENCES = (
    r"(?:this is a )?multi-?part (?:mime )?message in mime format",
    r"this is a multi-?part mime message",
    r"this is a message with multiple parts in mime format",
    r"this is a mime(?:-| )(?:encapsulated|encoded|formatted) (?:multi-?part )?message",
    r"this message is in mime format",
    r"since your mail reader does not understand this format",
    r"some or all of this message may not be legible",
    r"the first part should be readable text",
    r"while the remaining parts are likely unreadable without mime-aware tools",
    r"this is an? (?:cryptographically signed message in mime format|s/mime signed message)",
    r"this is an openpgp/mime (?:signed|encrypted) message(?: \(rfc [0-9]{4} and 3156\))?",
    r"if you (?:are reading|see|can read) this(?: text| message)?",
    r"your (?:e-?)?mail (?:client|reader|program) does not (?:support|understand) mime",
    r"dies ist eine mehrteilige nachricht im mime-format",
    r"ceci est un message (?:au format mime en plusieurs parties|multi-?parties? au format mime)",
    r"este es un mensaje (?:de varias partes|multi-?parte) (?:con|en) formato mime",
    r"dit is een meerdelig bericht in mime-(?:formaat|indeling)",
    r"questo e' un messaggio multi-?part in formato mime",
)
_SAID_BY_PROGRAMS = re.compile(
    rb"[\s>*-]*(?:(?:%s)[.,!]{0,3}[\s>*-]*){1,5}"
    % "|".join(_SENTENCES).replace(" ", r"[\s>]{1,9}").encode(),
    re.IGNORECASE,
)
_BLANKS = b" \t\r"
_BLANK_START = 4096
_LONGEST_TAIL = 300
_PGP_ENCRYPTED = b"-----BEGIN PGP MESSAGE-----"
_PGP_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"


@dataclass(frozen=True, slots=True)
class MimeTree:
    """The leaves in order, what protects them, and codes of limits that were hit."""

    leaves: tuple[Leaf, ...]
    top: Structured
    crypto: Crypto | None = None
    warnings: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """Raw bytes still to be looked at and where they stand in the tree."""

    raw: bytes
    parents: tuple[str, ...] = ()
    position: tuple[int, ...] = ()
    head: Headers | None = None


@dataclass(slots=True)
class _Walk:
    leaves: list[Leaf] = field(default_factory=list)
    todo: list[_Part] = field(default_factory=list)
    seen: int = 0
    crypto: set[str] = field(default_factory=set)
    warnings: dict[str, None] = field(default_factory=dict)
    containers: list[str] = field(default_factory=list)


def walk(headers: Headers, body: bytes) -> MimeTree:
    """Take a mail apart into its leaves. Beyond 50 levels or 1,000 parts the rest is attached raw.

    A forwarded message is a leaf: it is never flattened into the mail around it.
    """
    state = _Walk(todo=[_Part(body, head=headers)])
    while state.todo:
        part = state.todo.pop()
        state.seen += 1
        head, content = (part.head, part.raw) if part.head else _split_part(part.raw)
        kind = _content_type(head, part, content)
        if kind.value.startswith("multipart/") and _open_multipart(state, part, kind, content):
            continue
        if kind.value.startswith("multipart/"):
            kind = Structured("text/plain", kind.params)
        _add_leaf(state, part, _leaf(head, kind, content))
    if not any(map(_has_words, state.leaves)):
        _add_preamble(state, headers, body)
    _note_inline_pgp(state)
    crypto: Crypto | None = "encrypted" if "encrypted" in state.crypto else None
    if crypto is None and "signed" in state.crypto:
        crypto = "signed"
    return MimeTree(
        leaves=tuple(state.leaves),
        top=parse_structured(headers.first("content-type") or b""),
        crypto=crypto,
        warnings=tuple(state.warnings),
        containers=tuple(state.containers),
    )


def split_multipart(content: bytes, boundary: bytes, limit: int) -> tuple[list[bytes], bytes]:
    """Split at boundary lines into at most ``limit`` parts, and the raw rest beyond them.

    What stands before the first and after the last is none of them (see `_add_preamble`). A
    part after the closing line counts: some gateways append one.
    """
    parts: list[bytes] = []
    start: int | None = None
    for line_start, line_end, closes in _boundary_lines(content, b"--" + boundary):
        if start is not None:
            parts.append(_chomp(content[start:line_start]))
        start = None if closes else line_end
        if len(parts) >= limit and start is not None:
            return parts, content[start:]
    if start is not None:
        parts.append(_chomp(content[start:]))
    return parts, b""


def _boundary_lines(content: bytes, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    at = content.find(delimiter)
    while at >= 0:
        after = at + len(delimiter)
        if at == 0 or content[at - 1] in b"\n\r":
            # Blanks may follow a boundary (RFC 2046 5.1.1), other text may not.
            line, newline, _ = content[after : after + _LONGEST_TAIL].partition(b"\n")
            tail = line.strip(_BLANKS)
            if tail in {b"", b"--"} and (newline or len(line) < _LONGEST_TAIL):
                yield at, after + len(line) + len(newline), tail == b"--"
        at = content.find(delimiter, after)


def _chomp(part: bytes) -> bytes:
    """The line end before a boundary belongs to the boundary (RFC 2046 5.1.1)."""
    if part.endswith(b"\n"):
        part = part[:-1]
    return part.removesuffix(b"\r")


def _split_part(raw: bytes) -> tuple[Headers, bytes]:
    """Split a part; one that begins with a blank line has no fields, unless they follow it."""
    bare = raw[:_BLANK_START].lstrip(b"\r\n")
    if raw[:1] in {b"\r", b"\n"} and not _CONTENT_FIELD.match(bare):
        return Headers(), raw.removeprefix(b"\r").removeprefix(b"\n")
    return split_head(raw)


def _content_type(head: Headers, part: _Part, content: bytes) -> Structured:
    """Return the declared type if it makes sense, else what RFC 2046 assumes in its place."""
    for raw in head.every("content-type"):
        found = parse_structured(raw)
        if valid_type(found.value):
            return found
    if part.parents and part.parents[-1] == "multipart/digest":
        return Structured("message/rfc822")
    params = parse_structured(head.first("content-type") or b"").params
    if "boundary" in params or (not params and _LOST_HEAD.match(content, 0)):
        return Structured("multipart/mixed", params)
    if not head.fields and not part.parents and b"\x00" in content[:_BLANK_START]:
        # No mail at all: a program or a document was piped in. It is kept as a file.
        return Structured("application/octet-stream")
    named = "name" in params or b"filename" in (head.first("content-disposition") or b"").lower()
    return Structured("application/octet-stream" if named else "text/plain", params)


def _open_multipart(state: _Walk, part: _Part, kind: Structured, content: bytes) -> bool:
    """Queue the parts of a container; False if there is none to be found in it."""
    if len(part.parents) >= MAX_DEPTH:
        state.warnings[TOO_DEEP] = None
        state.leaves.append(_rest(part, part.raw))
        return True
    room = MAX_PARTS - state.seen - len(state.todo)
    parts, rest = _parts(kind, content, max(room, 0))
    if not parts and not rest:
        return not content.strip()
    state.containers.append(kind.value)
    _note_container(state, kind)
    parents = (*part.parents, kind.value)
    queued = [_Part(raw, parents, (*part.position, n)) for n, raw in enumerate(parts)]
    if rest:
        state.warnings[TOO_MANY_PARTS] = None
        state.leaves.append(_rest(_Part(rest, parents, (*part.position, len(parts))), rest))
    state.todo.extend(reversed(queued))
    return True


def _has_words(leaf: Leaf) -> bool:
    is_shown = leaf.content_type.startswith("text/") and leaf.disposition != "attachment"
    return is_shown and not leaf.filename and bool(leaf.payload.strip())


def _add_preamble(state: _Walk, headers: Headers, body: bytes) -> None:
    """Read what stands before the first part of a mail without any other words.

    Self-made mailers write the text there and only the files as parts. RFC 2046 5.1.1 lets
    mail programs drop it, but what a person wrote is never dropped: only what is nothing but
    the well-known sentences of programs.
    """
    kind = parse_structured(headers.first("content-type") or b"")
    if not state.containers or state.crypto or not kind.value.startswith("multipart/"):
        return
    declared = kind.params.get("boundary", "").encode("utf-8", "replace")
    lines = _boundary_lines(body, b"--" + declared) if declared else iter(())
    guessed = _GUESSED_BOUNDARY.search(body, 0, 20_000)
    end, _, _ = next(lines, (guessed.start() if guessed else 0, 0, False))
    words = body[:end].strip()
    if words and not _SAID_BY_PROGRAMS.fullmatch(words):
        leaf = Leaf("text/plain", payload=words, charset=kind.params.get("charset") or None)
        state.leaves.insert(0, leaf)


def _parts(kind: Structured, content: bytes, limit: int) -> tuple[list[bytes], bytes]:
    declared = kind.params.get("boundary", "").encode("utf-8", "replace")
    if declared:
        parts, rest = split_multipart(content, declared, limit)
        if parts or rest:
            return parts, rest
    guessed = _GUESSED_BOUNDARY.search(content, 0, 20_000)
    if guessed is None:
        return [], b""
    alone = content.count(b"--" + guessed[1]) < 2
    if alone and not _CONTENT_FIELD.match(content, guessed.end() + 1):
        return [], b""
    return split_multipart(content, guessed[1], limit)


def _leaf(head: Headers, kind: Structured, content: bytes) -> Leaf:
    disposition = parse_structured(head.first("content-disposition") or b"")
    encoding = head.first("content-transfer-encoding")
    payload = decode_transfer(
        content,
        encoding.decode("latin-1") if encoding else None,
        is_text=kind.value in _WORDS_INSIDE,
    )
    return Leaf(
        content_type=kind.value,
        payload=payload,
        charset=kind.params.get("charset") or None,
        disposition=_disposition(disposition),
        filename=disposition.params.get("filename") or kind.params.get("name") or None,
        cid=_bare_id(head.text("content-id")),
        location=head.text("content-location") or None,
        params=tuple(kind.params.items()),
    )


def _add_leaf(state: _Walk, part: _Part, leaf: Leaf) -> None:
    placed = _placed(leaf, part)
    state.leaves.append(placed)
    if leaf.content_type not in _SMIME:
        return
    kind = cms_kind(leaf.payload) or _declared_cms(leaf)
    state.crypto.add(kind)
    inside = signed_content(leaf.payload) if kind == "signed" else None
    if inside and len(part.parents) < MAX_DEPTH and state.seen < MAX_PARTS:
        parents = (*part.parents, leaf.content_type)
        state.todo.append(_Part(inside, parents, (*part.position, 0)))


def _placed(leaf: Leaf, part: _Part) -> Leaf:
    return Leaf(
        content_type=leaf.content_type,
        payload=leaf.payload,
        charset=leaf.charset,
        disposition=leaf.disposition,
        filename=leaf.filename or _name_of_message(leaf),
        cid=leaf.cid,
        location=leaf.location,
        params=leaf.params,
        parents=part.parents,
        position=part.position,
    )


def _name_of_message(leaf: Leaf) -> str | None:
    """Name a forwarded message after its subject (mail.md 36)."""
    if leaf.content_type not in {"message/rfc822", "message/global"}:
        return None
    head, _ = split_head(leaf.payload)
    subject = head.first("subject")
    return f"{decode_header(subject)[:120] if subject else 'message'}.eml"


def _declared_cms(leaf: Leaf) -> str:
    declared = dict(leaf.params).get("smime-type", "").lower()
    return "signed" if declared in {"signed-data", "certs-only"} else "encrypted"


def _disposition(found: Structured) -> str | None:
    if found.value in {"inline", "attachment"}:
        return found.value
    # RFC 2183 2.8 wants unknown ones to be attachments; an unnamed text stays readable.
    return "attachment" if found.params.get("filename") else None


def _bare_id(value: str | None) -> str | None:
    return (value or "").strip().strip("<>").strip() or None


def _rest(part: _Part, raw: bytes) -> Leaf:
    return Leaf(
        content_type="application/octet-stream",
        payload=raw,
        disposition="attachment",
        filename=_REST_NAME,
        parents=part.parents[:MAX_DEPTH],
        position=part.position,
    )


def _note_container(state: _Walk, kind: Structured) -> None:
    if kind.value == "multipart/signed":
        state.crypto.add("signed")
    elif kind.value == "multipart/encrypted":
        state.crypto.add("encrypted")


def _note_inline_pgp(state: _Walk) -> None:
    """PGP in the text itself, as older mailers write it (RFC 4880 6.2 and 7)."""
    for leaf in state.leaves:
        if leaf.content_type != "text/plain" or leaf.disposition == "attachment":
            continue
        start = leaf.payload[:_BLANK_START].lstrip()
        if start.startswith(_PGP_ENCRYPTED):
            state.crypto.add("encrypted")
        elif start.startswith(_PGP_SIGNED):
            state.crypto.add("signed")
