"""The door of stored files: durable, once per content, clear when something is gone."""

import hashlib
import os
import stat
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db.models.signals import post_delete
from pytest_django import Settings

from helpdesk.files import store
from helpdesk.files.models import StoredFile
from helpdesk.lib.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files"


def test_put_writes_the_bytes_under_their_digest(root: Path) -> None:
    digest = hashlib.sha256(b"Antrag").hexdigest()

    stored = store.put(b"Antrag", "text/plain")

    assert (stored.sha256, stored.size, stored.content_type) == (digest, 6, "text/plain")
    assert (root / digest[:2] / digest[2:4] / digest).read_bytes() == b"Antrag"


def test_put_lets_nobody_else_read_the_file() -> None:
    stored = store.put(b"Antrag", "text/plain")

    assert stat.S_IMODE(store.path_of(stored.sha256).stat().st_mode) == 0o600


def test_put_of_the_same_bytes_gives_the_same_row() -> None:
    first = store.put(b"Wappen", "image/png")
    second = store.put(b"Wappen", "application/octet-stream")

    assert second == first
    assert StoredFile.objects.get().content_type == "image/png"


@pytest.mark.both_engines
@pytest.mark.parametrize("names", ["abcdef", "fedcba"])
def test_new_rows_are_made_in_one_order_so_that_two_who_store_the_same_never_block_each_other(
    names: str,
) -> None:
    placed = [store.place(name.encode(), "text/plain") for name in names]

    with together(len(placed)):
        rows = store.write_rows(placed)

    assert [row.sha256 for row in rows] == [each.sha256 for each in placed]
    made = list(StoredFile.objects.order_by("pk").values_list("sha256", flat=True))
    assert made == sorted(made)


def test_put_heals_a_file_that_had_gone() -> None:
    stored = store.put(b"Wappen", "image/png")
    store.path_of(stored.sha256).unlink()

    store.put(b"Wappen", "image/png")

    assert store.read_file(stored) == b"Wappen"


def test_put_of_nothing_is_a_file_of_no_bytes() -> None:
    stored = store.put(b"", "text/plain")

    assert store.read_file(stored) == b""


def test_put_on_a_broken_disk_leaves_neither_row_nor_part(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(OSError, match="No space"):
        store.put(b"Antrag", "text/plain")

    assert StoredFile.objects.count() == 0
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_files_are_placed_one_by_one_where_no_thread_is_to_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_work: object) -> None:
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(ThreadPoolExecutor, "submit", refuse)

    placed = store.place_all([(b"Antrag", "text/plain"), (b"Wappen", "image/png")])

    assert [store.path_of(each.sha256).read_bytes() for each in placed] == [b"Antrag", b"Wappen"]


def test_who_gives_up_over_one_file_leaves_no_thread_behind_that_still_writes_another() -> None:
    failed: Future[store.Placed] = Future()
    failed.set_exception(OSError("No space left"))
    writing: Future[store.Placed] = Future()
    with ThreadPoolExecutor(1) as waiting:
        given_up = waiting.submit(store.await_placed, [failed, writing])
        with pytest.raises(TimeoutError):
            given_up.exception(timeout=0.2)
        writing.set_result(store.Placed("0" * 64, 1, "text/plain"))

        assert isinstance(given_up.exception(), OSError)


def test_discard_leaves_bytes_that_are_put_again_while_their_row_goes() -> None:
    stored = store.put(b"Wappen", "image/png")
    path = store.path_of(stored.sha256)
    os.utime(path, (0, 0))

    def put_again(**_signal: object) -> None:
        store.place(b"Wappen", "image/png")

    post_delete.connect(put_again, sender=StoredFile)
    try:
        assert store.discard(stored_id=stored.pk)
    finally:
        post_delete.disconnect(put_again, sender=StoredFile)

    (again,) = store.write_rows([store.Placed(stored.sha256, 6, "image/png")])
    assert store.read_file(again) == b"Wappen"


def test_open_file_names_a_missing_file() -> None:
    stored = store.put(b"Antrag", "text/plain")
    store.path_of(stored.sha256).unlink()

    with pytest.raises(store.FileMissingError, match=stored.sha256):
        store.open_file(stored)


def test_find_damage_tells_whole_missing_and_changed_apart() -> None:
    whole, gone, changed = (store.put(text, "text/plain") for text in (b"a", b"b", b"c"))
    store.path_of(gone.sha256).unlink()
    store.path_of(changed.sha256).write_bytes(b"x")

    assert [store.find_damage(file) for file in (whole, gone, changed)] == [
        "",
        "missing",
        "changed",
    ]
