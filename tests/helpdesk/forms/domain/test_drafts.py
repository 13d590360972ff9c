"""Drafts: found by their key only, kept a day, gone with their files."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.files.models import StoredFile
from helpdesk.files.store import path_of, put
from helpdesk.forms.domain.drafts import (
    DraftFullError,
    DraftGoneError,
    add_file,
    drop_draft,
    mark_sent,
    remove_file,
    save_answer,
    save_step,
    start_draft,
    sweep,
)
from helpdesk.forms.models import Draft, DraftFile
from helpdesk.forms.queries import draft_of_key
from helpdesk.tickets.models import Attachment
from tests.factories.house import House, make_authority, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def draft(house: House) -> Draft:
    return start_draft(authority_id=house.authority.pk, values={"text": "Anfang"})[0]


def with_file(draft: Draft, content: bytes = b"Foto") -> DraftFile:
    return add_file(
        draft_id=draft.pk,
        question="",
        file=put(content, "image/jpeg"),
        public=None,
        name="foto.jpg",
        content_type="image/jpeg",
        at_most=2,
    )


def grow_old(content_of: StoredFile) -> None:
    """Let the bytes be an hour old, as the sweep finds them."""
    past = time.time() - 3700
    os.utime(path_of(content_of.sha256), (past, past))


def test_only_the_key_finds_a_draft_and_only_in_its_town(house: House) -> None:
    draft, key = start_draft(authority_id=house.authority.pk, values={})
    other = make_authority("Stadt Anderswo", "AW")

    assert draft_of_key(authority_id=house.authority.pk, key=key) == draft
    assert draft_of_key(authority_id=other.pk, key=key) is None
    assert draft_of_key(authority_id=house.authority.pk, key=draft.digest) is None
    assert draft_of_key(authority_id=house.authority.pk, key="") is None
    assert key not in str(Draft.objects.values().get())


def test_steps_and_answers_are_kept_beside_each_other(draft: Draft) -> None:
    save_step(draft_id=draft.pk, values={"photos": True})
    save_answer(draft_id=draft.pk, question="a", answer="1")
    save_answer(draft_id=draft.pk, question="b", answer=["2"])

    draft.refresh_from_db()
    assert draft.data == {
        "text": "Anfang",
        "photos": True,
        "answers": {"None": {"a": "1", "b": ["2"]}},
    }


def test_a_draft_lives_a_day_from_its_last_step(house: House) -> None:
    draft, key = start_draft(authority_id=house.authority.pk, values={})
    Draft.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    save_step(draft_id=draft.pk, values={"a": 1})

    draft.refresh_from_db()
    assert draft.expires_at > timezone.now() + timedelta(hours=23)
    Draft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert draft_of_key(authority_id=house.authority.pk, key=key) is None


def test_a_draft_takes_only_so_many_files(draft: Draft) -> None:
    first = with_file(draft, b"1")
    with_file(draft, b"2")

    with pytest.raises(DraftFullError):
        with_file(draft, b"3")
    remove_file(draft_id=draft.pk, file_id=first.pk)
    with_file(draft, b"3")

    assert draft.files.filter(removed_at=None).count() == 2


def test_a_file_of_another_draft_is_not_removed(house: House, draft: Draft) -> None:
    other, _key = start_draft(authority_id=house.authority.pk, values={})
    theirs = with_file(other)

    assert remove_file(draft_id=draft.pk, file_id=theirs.pk) is False
    assert other.files.filter(removed_at=None).exists()


def test_a_sent_draft_forgets_what_was_typed_and_takes_no_more(draft: Draft) -> None:
    file = with_file(draft)

    mark_sent(draft_id=draft.pk, file_ids=[file.pk])
    mark_sent(draft_id=draft.pk, file_ids=[file.pk])

    draft.refresh_from_db()
    assert (draft.data, draft.files.filter(removed_at=None).count()) == ({}, 0)
    with pytest.raises(DraftGoneError):
        save_step(draft_id=draft.pk, values={"text": "noch"})


def test_the_sweep_takes_expired_drafts_with_their_bytes(draft: Draft) -> None:
    stored = with_file(draft).file
    grow_old(stored)
    drop_draft(draft_id=draft.pk)

    swept = sweep()

    assert swept == 1
    assert not Draft.objects.exists()
    assert not StoredFile.objects.exists()
    assert not path_of(stored.sha256).exists()


def test_the_sweep_takes_what_the_request_left_and_nothing_that_it_holds(
    house: House, draft: Draft
) -> None:
    left, held = with_file(draft).file, with_file(draft, b"Beleg").file
    article = make_ticket(house).articles.get()
    Attachment.objects.create(
        article=article, file=held, name="beleg.jpg", content_type="image/jpeg", size=5
    )
    mark_sent(draft_id=draft.pk)
    DraftFile.objects.update(removed_at=timezone.now() - timedelta(hours=2))
    grow_old(left)
    grow_old(held)

    sweep()

    assert not DraftFile.objects.exists()
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [held.pk]
    assert path_of(held.sha256).exists()
    assert not path_of(left.sha256).exists()


def test_the_sweep_takes_removed_files_after_a_while(draft: Draft) -> None:
    file = with_file(draft)
    grow_old(file.file)
    remove_file(draft_id=draft.pk, file_id=file.pk)

    sweep()
    still_there = path_of(file.file.sha256).exists()
    DraftFile.objects.update(removed_at=timezone.now() - timedelta(hours=2))
    sweep()

    assert still_there
    assert not path_of(file.file.sha256).exists()
    assert Draft.objects.exists()


def test_the_sweep_leaves_bytes_that_a_request_holds_or_somebody_just_put(
    house: House, draft: Draft
) -> None:
    attached, fresh = with_file(draft, b"angehangen").file, with_file(draft, b"eben").file
    article = make_ticket(house).articles.get()
    Attachment.objects.create(
        article=article, file=attached, name="a.jpg", content_type="image/jpeg", size=1
    )
    grow_old(attached)
    drop_draft(draft_id=draft.pk)

    sweep()

    assert path_of(attached.sha256).exists()
    assert path_of(fresh.sha256).exists()
