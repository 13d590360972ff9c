"""The threads that watch mailboxes, where a server breaks the line over one of the mails."""

import pytest

from channels_in.mail.fetchers import FetcherThreads, Timing
from channels_in.models import Sighting
from helpdesk.tickets.models import Ticket
from tests.channels_in.making import mail, make_account
from tests.factories.house import make_house
from tests.fakes.imap import FakeImap
from tests.servers.base import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_fetchers_file_the_others_when_a_mail_breaks_each_connection(imap_server: FakeImap) -> None:
    make_account(make_house(), host=imap_server.host, port=imap_server.port)
    for number in (1, 2, 3):
        imap_server.add(mail(number))
    imap_server.poison[2] = True
    threads = FetcherThreads(Timing(lookout=0.1, first_pause=0.05, longest_pause=0.1))

    threads.start()
    try:
        wait_until(Sighting.objects.filter(raw_message=None).exists, seconds=10)
        wait_until(lambda: Ticket.objects.count() == 2, seconds=10)
    finally:
        assert threads.stop(5)

    assert Ticket.objects.count() == 2
    assert "broke each time" in Sighting.objects.get(raw_message=None).error
