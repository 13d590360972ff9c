"""Shows what the product understands of a raw mail: no database, no network (mail.md 109)."""

import json
import os
import stat
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_in.mail.jsonview import as_json
from channels_in.mail.parsed import Mailbox, ParsedMail
from channels_in.mail.parser_process import parse_bounded

LARGEST = 200 * 1024 * 1024


class Command(BaseCommand):
    """The very function that intake uses, so that what it prints is what would be filed."""

    help = "Print what the product understands of raw mails (one on stdin, or FILE …)."
    # Administrators call it when something is wrong: a failing check must not stand in the way.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="raw mails, e.g. .eml files")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--batch",
            action="store_true",
            help="read file paths on stdin, one a line; print one JSON object a line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            self._answer(options)
        except BrokenPipeError:
            # Nobody reads on (``| head``): no traceback, and none when the interpreter flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _answer(self, options: dict[str, Any]) -> None:
        if options["batch"]:
            for path in options["files"] or _lines():
                self._print(json.dumps(as_json(_parse_file(path))))
            return
        mails = _parse_files(options["files"]) if options["files"] else [_parse_stdin()]
        for mail in mails:
            self._print(
                _as_json_text(mail, options["files"]) if options["json"] else describe(mail)
            )

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def describe(mail: ParsedMail) -> str:
    """Return the findings as lines for people."""
    rows = [
        ("Subject", mail.subject or ""),
        ("From", _people([mail.sender] if mail.sender else [])),
        ("To", _people(mail.to)),
        ("Cc", _people(mail.cc)),
        ("Reply-To", _people(mail.reply_to)),
        ("Message-ID", mail.message_id or ""),
        ("In-Reply-To", mail.in_reply_to or ""),
        ("Language", mail.language or ""),
        ("Kind", ", ".join(_kinds(mail))),
        ("Warnings", ", ".join(mail.warnings)),
        ("Error", mail.error or ""),
    ]
    rows += [
        ("Attachment", f"{f.name} ({f.content_type}, {f.size} bytes)") for f in mail.attachments
    ]
    head = "\n".join(f"{name + ':':<13}{value}" for name, value in rows if value)
    return f"{head}\n\n{mail.visible_text}"


def _as_json_text(mail: ParsedMail, files: list[str]) -> str:
    return json.dumps(as_json(mail), indent=None if len(files) > 1 else 2)


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        path = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        if path:
            yield path


def _parse_stdin() -> ParsedMail:
    return parse_bounded(sys.stdin.buffer.read())


def _parse_files(paths: Iterable[str]) -> Iterator[ParsedMail]:
    for path in paths:
        try:
            raw = Path(path).read_bytes()
        except OSError as problem:
            raise CommandError(f"{path}: {problem.strerror}") from problem
        yield parse_bounded(raw)


def _parse_file(path: str) -> ParsedMail:
    """One file of a batch; one that can't be read is told in its line and stops nothing."""
    try:
        raw = _read(Path(path))
    except (OSError, ValueError) as problem:
        return ParsedMail(error=f"{path}: {problem}")
    return parse_bounded(raw)


def _read(path: Path) -> bytes:
    """Return what is in a file; a pipe or a device might never end, a giant fits nowhere."""
    kind = path.stat()
    if not stat.S_ISREG(kind.st_mode):
        raise ValueError("not a regular file")
    if kind.st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST} bytes")
    return path.read_bytes()


def _people(mailboxes: Iterable[Mailbox]) -> str:
    return ", ".join(f"{each.name} <{each.email}>".strip() for each in mailboxes)


def _kinds(mail: ParsedMail) -> Iterator[str]:
    if mail.is_auto:
        yield "automatic"
    if mail.bounce:
        yield f"bounce of {', '.join(mail.bounce.recipients) or 'an unknown address'}"
    if mail.crypto:
        yield mail.crypto
