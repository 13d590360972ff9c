"""What the intake will ask for several mails, asked at once before the first is filed."""

from collections import Counter
from collections.abc import Sequence

from helpdesk.tickets.domain import intake_statements as sql
from helpdesk.tickets.domain.identity import writer_of
from helpdesk.tickets.domain.routing import ask_claims_ahead
from helpdesk.tickets.inbound import Inbound


def ask_ahead(inbounds: Sequence[Inbound]) -> None:
    """Ask, inside `together`, what `accept` asks for nearly every mail; it may still ask itself.

    Nothing is asked ahead that one of these mails may change for another, unless what changes
    it lets it be known (`Lookup.know`): for a Message-ID that stands in two, or somebody who
    writes to two teams, it is asked in turn.
    """
    raws = [each.raw_message_id for each in inbounds if each.raw_message_id is not None]
    sql.BY_RAW.ask_ahead({"raw_message_id": raw_id} for raw_id in raws)
    sql.AUTHORITY.ask_ahead({"pk": each.authority_id} for each in inbounds)
    ask_claims_ahead(inbounds)
    writers = {tuple(asked.values()): asked for asked in map(writer_of, inbounds)}
    teams = Counter(address for _authority, address, _team in writers)
    sql.WRITER.ask_ahead(each for each in writers.values() if teams[each["normalised"]] == 1)
    ids = Counter(each.threading.message_id for each in inbounds)
    sql.SAME_ID.ask_ahead(
        {"message_id": each.threading.message_id, "authority_id": each.authority_id}
        for each in inbounds
        if each.threading.message_id and ids[each.threading.message_id] == 1
    )
