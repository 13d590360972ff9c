"""Recovery codes: hashed, shown once, each good once (quality.md, case 40)."""

import json
import re
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.test import Client

from helpdesk.agents.models import User
from helpdesk.desk.account.recovery import HashedRecoveryCodes
from helpdesk.lib.secretbox import seal
from tests.helpdesk.desk.account.steps import give_code, is_signed_in, sign_in

SHOW = "/a/konto/code/ersatz/"
CODE = "/a/konto/anmelden/code/"


def stored(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)


def shown_codes(client: Client) -> list[str]:
    return [
        each.decode() for each in re.findall(rb"<code>([\d ]+)</code>", client.get(SHOW).content)
    ]


@pytest.fixture
def codes(client: Client, agent: User) -> list[str]:
    give_code(agent)
    HashedRecoveryCodes.activate(agent)
    client.force_login(agent)
    return shown_codes(client)


def test_codes_are_long_and_the_database_holds_none_of_them(agent: User, codes: list[str]) -> None:
    at_rest = json.dumps(stored(agent).data)

    assert len(set(codes)) == 10
    for code in codes:
        assert len(code.replace(" ", "")) == 20
        assert code not in at_rest
        assert code.replace(" ", "") not in at_rest
    assert set(stored(agent).data) == {"hashes", "viewed_at"}


@pytest.mark.usefixtures("codes")
def test_codes_are_shown_only_once(client: Client) -> None:
    page = client.get(SHOW)

    assert b"<code>" not in page.content
    assert page.context["unused_codes"] == ["****"] * 10


def test_each_code_signs_in_once_however_it_is_typed(agent: User, codes: list[str]) -> None:
    first, again, other = Client(), Client(), Client()
    for each in (first, again, other):
        sign_in(each, agent.email)

    first.post(CODE, {"code": codes[3].replace(" ", "-")})
    refused = again.post(CODE, {"code": codes[3]})
    other.post(CODE, {"code": codes[4].replace(" ", "")})

    assert [is_signed_in(each) for each in (first, again, other)] == [True, False, True]
    assert refused.status_code == 422
    assert len(stored(agent).data["hashes"]) == 8


def test_what_is_stored_is_no_code(agent: User, codes: list[str]) -> None:
    assert codes
    thief = HashedRecoveryCodes(stored(agent))

    assert not any(thief.validate_code(each) for each in stored(agent).data["hashes"])


def test_a_code_of_another_person_is_refused(
    agent: User, administrator: User, codes: list[str]
) -> None:
    theirs = HashedRecoveryCodes.activate(administrator)
    theirs.instance.data["hashes"] = stored(agent).data["hashes"]
    theirs.instance.save()

    assert not theirs.validate_code(codes[0])


def test_two_answers_at_a_time_do_not_both_make_codes(agent: User) -> None:
    HashedRecoveryCodes.activate(agent)
    one, two = HashedRecoveryCodes(stored(agent)), HashedRecoveryCodes(stored(agent))

    one.mark_as_viewed()
    two.mark_as_viewed()

    assert not any(two.get_unused_codes())
    assert one.validate_code(one.get_unused_codes()[0])


def test_new_codes_replace_the_old(client: Client, agent: User, codes: list[str]) -> None:
    client.post(f"{SHOW}neu/", {})
    new = shown_codes(client)

    assert len(new) == 10
    assert not HashedRecoveryCodes(stored(agent)).validate_code(codes[0])
    assert HashedRecoveryCodes(stored(agent)).validate_code(new[0])


def test_old_sealed_codes_become_hashes_and_stay_good(agent: User) -> None:
    # The second of these codes was used.
    old = {"seed": seal("ab" * 40), "used_mask": 0b10, "viewed_at": 1.0}
    Authenticator.objects.create(user=agent, type=Authenticator.Type.RECOVERY_CODES, data=old)
    given = library_codes("ab" * 40)

    import_module("helpdesk.agents.migrations.0004_hash_recovery_codes").hash_codes(apps, None)

    assert "seed" not in stored(agent).data
    assert len(stored(agent).data["hashes"]) == 9
    assert not HashedRecoveryCodes(stored(agent)).validate_code(given[1])
    assert HashedRecoveryCodes(stored(agent)).validate_code(given[2])


def library_codes(seed: str) -> list[str]:
    """Return what the library itself makes of a seed."""
    library = HashedRecoveryCodes.__base__
    assert library is not None
    row = Authenticator(data={"seed": seal(seed), "used_mask": 0})
    return [str(each) for each in library(row).generate_codes()]
