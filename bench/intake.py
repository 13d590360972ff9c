"""From fetch to the commit of the filing, and the reactions after it: processor time per mail.

Counted as filing: the mailbox opened and searched, mails fetched, kept, parsed, filed, and
flagged on the server, ten to a commit as in life. Not counted: the delivery into the mailbox,
Dovecot's own work, and the sending of receipts, which no worker does here.
"""

import asyncio
import os
import threading
import time
from collections import Counter
from typing import Any

from channels.layers import get_channel_layer

from bench.counting import rows_written, statements
from bench.mailboxes import COUNTED, WARM, run_of
from bench.proc import Spent, memory, reference_loop, spent
from channels_in.mail import parser_process
from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetch import Counts, Memory, Visit, fetch_pass
from channels_in.mail.fetchers import server_of
from channels_in.models import Account
from helpdesk.events.models import Unsealed
from helpdesk.lib.secretbox import seal
from helpdesk.live import broadcast
from helpdesk.live.groups import team_group
from helpdesk.outbox.models import Security, Sender
from helpdesk.project.celery import app
from helpdesk.project.memory import freeze
from helpdesk.reactions import tasks
from helpdesk.reactions.models import Reaction
from tests.servers.dovecot import PASSWORD

LONGEST = 600.0


def make_account(user: str, port: int) -> Account:
    """Return a mailbox of the second team on the private Dovecot."""
    sender = Sender.objects.order_by("id")[1]
    assert sender.team_id is not None
    return Account.objects.create(
        authority_id=sender.authority_id,
        team_id=sender.team_id,
        sender=sender,
        kind=Account.Kind.IMAP,
        name=user,
        address=f"{user}@stadt.example",
        host="127.0.0.1",
        port=port,
        security=Security.NONE,
        username=user,
        password=seal(PASSWORD),
    )


def fetch(user: str, port: int) -> Counts:
    """Take in all of one mailbox, as a fetcher's first pass does."""
    account = make_account(user, port)
    mailbox = open_mailbox(server_of(account))
    try:
        return fetch_pass(Visit(account, mailbox, lambda: None, Memory()))
    finally:
        mailbox.close()


def react() -> None:
    """Seal and react until nothing is left."""
    while Unsealed.objects.exists() or Reaction.objects.filter(state="pending").exists():
        tasks.drain(until=time.monotonic() + LONGEST)


def listen_live() -> None:
    """Let live events go to a loop with somebody listening, as in the served process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    broadcast.line.attach(loop)
    layer = get_channel_layer()
    team = Sender.objects.order_by("id")[1].team_id
    assert layer is not None
    assert team is not None
    joined = layer.group_add(team_group(team), "specific.listener")
    asyncio.run_coroutine_threadsafe(joined, loop).result(5)


def measure(*, rounds: int, count: int, port: int, database_pid: int | None) -> dict[str, Any]:
    """Take in the delivered mails round by round and return what each mail cost."""
    app.set_current()
    listen_live()
    fetch(WARM, port)
    react()
    # As the served process does when it has started.
    freeze()
    found = _count_statements(port)
    found["rounds"] = [_round(number, count, port, database_pid) for number in range(rounds)]
    found["memory"] = vars(memory(os.getpid()))
    if (parser := _parser_pid()) is not None:
        found["parser_memory"] = vars(memory(parser))
    return found


def _round(number: int, count: int, port: int, database_pid: int | None) -> dict[str, Any]:
    reference = reference_loop()
    began, rows = _spent(database_pid), rows_written()
    counts = fetch(run_of(number), port)
    assert counts.new == count, f"{counts.new} of {count} mails were new"
    filed, rows_filed = _spent(database_pid), rows_written()
    react()
    reacted, rows_reacted = _spent(database_pid), rows_written()
    around = {"reference": (reference + reference_loop()) / 2}
    return {
        "filing": (filed - began).per(count) | around,
        "reactions": (reacted - filed).per(count) | around,
        "rows_filing": (rows_filed - rows) / count,
        "rows_reactions": (rows_reacted - rows_filed) / count,
    }


def _count_statements(port: int) -> dict[str, Any]:
    with statements() as filing:
        mails = fetch(COUNTED, port).new
    with statements() as reacting:
        react()
    return {
        "statements_filing": filing.total() / mails,
        "statements_reactions": reacting.total() / mails,
        "most_filing": _most(filing, mails),
        "most_reactions": _most(reacting, mails),
    }


def _most(found: Counter[str], mails: int) -> list[tuple[float, str]]:
    """Return the statements sent for every second mail or more, the most frequent first."""
    return [
        (round(times / mails, 2), sql[:300])
        for sql, times in found.most_common()
        if times >= mails / 2
    ]


def _spent(database_pid: int | None) -> Spent:
    return spent(parser_pid=_parser_pid(), database_pid=database_pid)


def _parser_pid() -> int | None:
    return parser_process._SHARED.pid
