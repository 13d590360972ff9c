"""Browsers that tell their user what is new: sealed, by number alone, never in quiet hours."""

import json
from collections.abc import Iterator
from datetime import time
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import Settings

from helpdesk.agents.domain.absence import AbsenceDetails, set_absence
from helpdesk.agents.models import User
from helpdesk.lib.webpush import Browser, decode
from helpdesk.notifications import pushing
from helpdesk.notifications.models import Notice, PushBrowser, PushIdentity
from helpdesk.notifications.notices import clear_ticket
from helpdesk.notifications.push import (
    MOST_BROWSERS,
    BadBrowserError,
    PushOffError,
    add_browser,
    identity_of,
    remove_browser,
    switch_off,
    switch_on,
)
from helpdesk.notifications.pushing import push_due
from helpdesk.notifications.ways import save_choices
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_agent, make_house
from tests.fakes.clock import Clock
from tests.fakes.push import FakeBrowser, FakePush, new_browser, serve_push
from tests.helpdesk.notifications.making import give, take_in
from tests.servers.certificate import make_certificate

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(clock: Clock) -> House:
    clock.advance(hours=1)
    cache.clear()
    made = make_house()
    switch_on(authority_id=made.authority.pk, contact="it@musterstadt.example", user=made.anna)
    return made


@pytest.fixture
def jana(house: House) -> User:
    return make_agent(house.authority, "Jana Weber", house.roads)


# A test names it first: its certificate is made by the time that is, which the clock then leaves.
@pytest.fixture
def service(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakePush]:
    settings.PRIVATE_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with serve_push(certificate) as running:
        yield running


def browser_of(user: User, url: str) -> FakeBrowser:
    made = new_browser(url)
    add_browser(user=user, browser=made.known, name="Firefox, Linux")
    return made


def assigned(house: House, to: User) -> Ticket:
    ticket = take_in(house)
    give(ticket, house.anna, to)
    return ticket


def test_a_browser_is_told_the_number_alone_and_by_whom(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    browser = browser_of(jana, f"{service.url}/jana")

    ticket = assigned(house, jana)
    early = push_due()
    clock.advance(seconds=11)
    told, again = push_due(), push_due()

    ((path, head, body),) = service.asked
    assert (early, told, again) == (0, 1, 0)
    assert browser.read(body) == {
        "title": "Neu für Sie",
        "body": ticket.number[5:],
        "url": f"/a/t/{ticket.number}/",
        "tag": f"t{ticket.pk}",
    }
    assert (path, head["Topic"], head["Content-Encoding"]) == (
        "/push/jana",
        f"t{ticket.pk}",
        "aes128gcm",
    )
    assert_is_proof(head["Authorization"], house, f"https://localhost:{service.port}")
    row = PushBrowser.objects.get()
    assert (row.failure, row.told_at is not None) == ("", True)


def assert_is_proof(header: str, house: House, audience: str) -> None:
    """RFC 8292 3: a token signed by the key that stands beside it and that browsers know."""
    identity = identity_of(house.authority.pk)
    assert identity is not None
    token, key = header.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    raw = decode(signature)
    pair = encode_dss_signature(*(int.from_bytes(part, "big") for part in (raw[:32], raw[32:])))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key))
    public.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(decode(claims))
    assert key == identity.public_key
    assert (said["aud"], said["sub"]) == (audience, "mailto:it@musterstadt.example")
    assert 0 < said["exp"] - timezone.now().timestamp() <= 24 * 3600


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    service: FakePush, house: House, jana: User, clock: Clock, status: int
) -> None:
    browser_of(jana, service.url)
    assigned(house, jana)
    clock.advance(seconds=11)
    service.status = status

    assert push_due() == 0
    assert not PushBrowser.objects.exists()
    assert Notice.objects.get().push_at is None


@pytest.mark.parametrize(
    "said",
    [
        (403, "the push service said 403", 0),
        (503, "the push service said 503", 1),
        (301, "the server wants to send us elsewhere (301)", 1),
    ],
)
def test_a_failure_is_kept_for_its_user_and_tried_again_where_that_may_help(
    service: FakePush, house: House, jana: User, clock: Clock, said: tuple[int, str, int]
) -> None:
    browser_of(jana, service.url)
    assigned(house, jana)
    clock.advance(seconds=11)
    service.status = said[0]

    push_due()
    failure = PushBrowser.objects.get().failure
    clock.advance(minutes=3)
    service.status = 201

    assert failure == said[1]
    assert push_due() == said[2]
    assert Notice.objects.get().push_at is None


def test_what_could_not_be_told_within_an_hour_stays_at_the_bell_alone(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    browser_of(jana, service.url)
    assigned(house, jana)
    clock.advance(minutes=61)

    assert push_due() == 0
    assert service.asked == []
    assert Notice.objects.get().push_at is None


def test_nobody_is_told_what_they_read_or_may_no_longer_see_or_in_quiet_hours(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    browser_of(jana, service.url)
    read, gone = assigned(house, jana), assigned(house, jana)
    clear_ticket(user=jana, ticket_id=read.pk)
    Ticket.objects.filter(pk=gone.pk).update(team=house.waste)
    here = timezone.localtime()
    save_choices(
        user=jana,
        values={
            "quiet_from": time((here.hour - 1) % 24),
            "quiet_until": time((here.hour + 2) % 24),
        },
    )
    quiet = assigned(house, jana)

    clock.advance(seconds=11)

    assert push_due() == 0
    assert service.asked == []
    waits = Notice.objects.get(ticket=quiet).push_at
    assert waits is not None
    assert timezone.localtime(waits).hour == (here.hour + 2) % 24


def quiet(user: User, begins: int, ends: int) -> None:
    """Let quiet hours begin and end so many hours from now."""
    here = timezone.localtime()
    hours = {"quiet_from": time((here.hour + begins) % 24), "quiet_until": time(here.hour + ends)}
    save_choices(user=user, values=hours)


def test_what_came_in_quiet_hours_is_told_at_their_end(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    browser_of(jana, service.url)
    quiet(jana, -8, 3)
    assigned(house, jana)

    clock.advance(hours=2)
    within = push_due()
    clock.advance(hours=1, seconds=1)

    assert (within, push_due(), len(service.asked)) == (0, 1, 1)


def test_what_had_to_wait_into_quiet_hours_waits_for_their_end(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    browser_of(jana, service.url)
    quiet(jana, 1, 8)
    assigned(house, jana)
    clock.advance(seconds=11)
    service.status = 503
    push_due()
    service.status = 201

    clock.advance(minutes=59, seconds=55)
    within = push_due()
    clock.advance(hours=7)

    assert (within, len(service.asked)) == (0, 1)
    assert (push_due(), Notice.objects.get().push_at) == (1, None)


def test_who_stands_in_is_told_and_who_is_away_is_not(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    cem = make_agent(house.authority, "Cem Kaya", house.roads)
    browser_of(jana, f"{service.url}/jana")
    browser_of(cem, f"{service.url}/cem")
    today = timezone.localdate()
    set_absence(user_id=jana.pk, details=AbsenceDetails(today, today, cem.pk), by=jana)

    assigned(house, jana)
    clock.advance(seconds=11)
    push_due()

    assert [path for path, _head, _body in service.asked] == ["/push/cem"]


def test_a_service_that_fails_is_asked_once_a_round_and_nobody_is_told_twice(
    service: FakePush, house: House, jana: User, clock: Clock
) -> None:
    browser_of(jana, f"{service.url}/phone")
    dead = service.url.replace(str(service.port), "1")
    browser_of(jana, dead)
    for _ in range(2):
        assigned(house, jana)
    clock.advance(seconds=11)

    first = push_due()
    clock.advance(minutes=3)
    second = push_due()

    assert (first, second, len(service.asked)) == (2, 0, 2)
    assert Notice.objects.filter(push_at__isnull=False).count() == 2


def test_a_round_ends_in_time_also_within_the_requests_of_one_reader(
    service: FakePush, house: House, jana: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser_of(jana, service.url)
    for _ in range(2):
        assigned(house, jana)
    clock.advance(seconds=11)
    monkeypatch.setattr(pushing, "SECONDS", -1.0)

    first = push_due()
    clock.advance(minutes=3)

    assert (first, push_due()) == (1, 1)


def test_a_browser_that_was_taken_out_while_it_was_told_hinders_nobody(
    service: FakePush, house: House, jana: User
) -> None:
    browser_of(jana, service.url)
    row, identity = PushBrowser.objects.get(), identity_of(house.authority.pk)
    assert identity is not None
    remove_browser(user=jana, browser_id=row.pk)

    outcome = pushing._push(row, identity, b"{}", "t1")

    assert outcome is pushing.Outcome.TOLD
    assert not PushBrowser.objects.exists()


def test_an_address_inside_the_house_is_never_asked(
    service: FakePush, house: House, jana: User, settings: Settings, clock: Clock
) -> None:
    settings.PRIVATE_NETWORKS = ()
    browser_of(jana, service.url)
    assigned(house, jana)
    clock.advance(seconds=11)

    push_due()

    assert service.asked == []
    assert "must not be asked" in PushBrowser.objects.get().failure


@pytest.mark.parametrize(
    "endpoint, p256dh, auth",
    [
        ("http://push.example/1", None, None),
        ("https://user:word@push.example/1", None, None),
        (f"https://push.example/{'a' * 1000}", None, None),
        ("", None, None),
        ("https://push.example/1", "AAAA", None),
        ("https://push.example/1", "B" * 87, None),
        ("https://push.example/1", None, "kurz"),
        ("https://push.example/1", None, "ä"),
    ],
)
def test_what_is_no_browser_is_refused(
    jana: User, endpoint: str, p256dh: str | None, auth: str | None
) -> None:
    good = new_browser(endpoint).known
    bad = Browser(endpoint, p256dh or good.p256dh, auth or good.auth)

    with pytest.raises(BadBrowserError):
        add_browser(user=jana, browser=bad, name="")

    assert not PushBrowser.objects.exists()


def test_keys_and_addresses_are_sealed_and_go_when_push_is_switched_off(
    house: House, jana: User
) -> None:
    browser = browser_of(jana, "https://push.example/geheim")
    identity, row = PushIdentity.objects.get(), PushBrowser.objects.get()
    again = switch_on(authority_id=house.authority.pk, contact="neu@x.example", user=house.anna)

    kept = f"{row.endpoint}{row.p256dh}{row.auth}{identity.private_key}"
    assert "push.example" not in kept
    assert browser.known.p256dh not in kept
    assert again.public_key == identity.public_key
    with pytest.raises(ValidationError):
        switch_on(authority_id=house.authority.pk, contact="nein", user=house.anna)
    switch_off(authority_id=house.authority.pk, user=house.anna)
    assert not PushIdentity.objects.exists()
    assert not PushBrowser.objects.exists()
    with pytest.raises(PushOffError):
        browser_of(jana, "https://push.example/geheim")


def test_a_browser_is_of_who_sits_before_it_and_only_they_remove_it(
    house: House, jana: User
) -> None:
    shared = new_browser("https://push.example/1").known
    for user in (house.anna, jana):
        add_browser(user=user, browser=shared, name="Firefox")
    for number in range(2, MOST_BROWSERS + 3):
        browser_of(jana, f"https://push.example/{number}")

    row = PushBrowser.objects.latest("id")
    assert not PushBrowser.objects.filter(user=house.anna).exists()
    assert PushBrowser.objects.filter(user=jana).count() == MOST_BROWSERS
    assert not remove_browser(user=house.anna, browser_id=row.pk)
    assert remove_browser(user=jana, browser_id=row.pk)


def test_a_browser_that_told_somebody_else_before_is_the_newest_of_its_new_user(
    house: House, jana: User, clock: Clock
) -> None:
    shared = new_browser("https://push.example/1").known
    row = add_browser(user=house.anna, browser=shared, name="Firefox")
    PushBrowser.objects.filter(pk=row.pk).update(told_at=timezone.now())
    for number in range(2, MOST_BROWSERS + 2):
        clock.advance(minutes=1)
        browser_of(jana, f"https://push.example/{number}")

    clock.advance(minutes=1)
    add_browser(user=jana, browser=shared, name="Firefox")

    newest = PushBrowser.objects.filter(user=jana).latest("created_at")
    assert (newest.pk, newest.told_at) == (row.pk, None)
