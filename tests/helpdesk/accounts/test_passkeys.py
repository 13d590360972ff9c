"""Passkeys: only the device that made a key, at our own address, answers a fresh question, once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from helpdesk.accounts.passkeys import (
    Key,
    PasskeyError,
    Place,
    TooLateError,
    ask_for_known,
    ask_for_new,
    check_known,
    named_in,
    read_new,
)
from tests.fakes.authenticator import FakeAuthenticator

HERE = Place("https://anliegen.musterstadt.example", "Stadt Musterstadt")
ELSEWHERE = "https://anliegen-musterstadt.example"


@pytest.fixture
def device() -> FakeAuthenticator:
    return FakeAuthenticator(HERE.origin)


def made(device: FakeAuthenticator) -> Key:
    asked = ask_for_new(HERE, account_id=1, known=[])
    return read_new(HERE, account_id=1, seal=asked.seal, answer=device.make(asked.options))


def test_a_key_that_was_made_signs_in(device: FakeAuthenticator) -> None:
    key = made(device)
    asked = ask_for_known(HERE)
    answer = device.sign(asked.options)

    assert named_in(answer) == key.credential_id
    assert check_known(HERE, key=key, seal=asked.seal, answer=answer) == 1


def test_a_question_is_answered_once(device: FakeAuthenticator) -> None:
    key = made(device)
    asked = ask_for_known(HERE)
    answer = device.sign(asked.options)
    check_known(HERE, key=key, seal=asked.seal, answer=answer)

    with pytest.raises(TooLateError):
        check_known(HERE, key=key, seal=asked.seal, answer=answer)


def test_a_question_is_good_for_half_an_hour_and_for_its_purpose(device: FakeAuthenticator) -> None:
    key = made(device)
    old, foreign = ask_for_known(HERE), ask_for_new(HERE, account_id=2, known=[])

    with time_machine.travel(timezone.now() + timedelta(minutes=31)), pytest.raises(TooLateError):
        check_known(HERE, key=key, seal=old.seal, answer=device.sign(old.options))
    with pytest.raises(TooLateError):
        read_new(HERE, account_id=1, seal=foreign.seal, answer=device.make(foreign.options))
    with pytest.raises(TooLateError):
        check_known(HERE, key=key, seal="selbst:gemacht", answer=device.sign(old.options))


def test_another_site_gets_no_key_accepted(device: FakeAuthenticator) -> None:
    key = made(device)
    device.origin = ELSEWHERE
    asked, new = ask_for_known(HERE), ask_for_new(HERE, account_id=1, known=[])

    with pytest.raises(PasskeyError):
        check_known(HERE, key=key, seal=asked.seal, answer=device.sign(asked.options))
    with pytest.raises(PasskeyError):
        read_new(HERE, account_id=1, seal=new.seal, answer=device.make(new.options))


def test_another_device_or_another_question_proves_nothing(device: FakeAuthenticator) -> None:
    key = made(device)
    thief = FakeAuthenticator(HERE.origin)
    asked, other, third = (ask_for_known(HERE) for _ in range(3))

    with pytest.raises(PasskeyError):
        check_known(HERE, key=key, seal=asked.seal, answer=thief.sign(asked.options))
    with pytest.raises(PasskeyError):
        check_known(HERE, key=key, seal=other.seal, answer=device.sign(third.options))


def test_nobody_present_and_a_copied_key_are_refused(device: FakeAuthenticator) -> None:
    key = replace(made(device), count=7)
    copied, absent = ask_for_known(HERE), ask_for_known(HERE)

    with pytest.raises(PasskeyError):
        check_known(HERE, key=key, seal=copied.seal, answer=device.sign(copied.options))
    device.flags, device.count = 0, 10
    with pytest.raises(PasskeyError):
        check_known(HERE, key=key, seal=absent.seal, answer=device.sign(absent.options))


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{", "null", "[" * 100_000, '{"id": 7}', '{"id": "x", "rawId": "y"}', "{}"],
)
def test_junk_is_no_answer(device: FakeAuthenticator, answer: str) -> None:
    key = made(device)
    asked = ask_for_known(HERE)

    with pytest.raises(PasskeyError):
        check_known(HERE, key=key, seal=asked.seal, answer=answer)


def test_the_device_is_told_nothing_of_the_person_and_knows_its_own_key_again(
    device: FakeAuthenticator,
) -> None:
    key = made(device)

    options = json.loads(ask_for_new(HERE, account_id=1, known=[key.public_key]).options)

    assert (options["user"]["name"], options["rp"]["id"]) == (HERE.name, HERE.host)
    assert [each["id"] for each in options["excludeCredentials"]] == [key.credential_id]
    other = json.loads(ask_for_new(HERE, account_id=2, known=[]).options)
    assert options["user"]["id"] != other["user"]["id"]
