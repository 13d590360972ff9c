"""Backups: the running database, every stored file, a manifest that proves the copy; the key apart.

The database is copied first: files are written before their rows and never
change, so whatever the copied rows name is there afterwards.
"""

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from helpdesk.files.models import StoredFile
from helpdesk.files.store import path_of

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
CHUNK = 1024 * 1024


class BackupError(Exception):
    """A backup can't be made, is not whole or does not fit; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a backup holds."""

    path: Path
    files: int
    bytes: int


def key_fingerprint() -> str:
    """Return what tells two installation keys apart without telling anything of either."""
    return hashlib.sha256(b"anliegen-key:" + settings.MASTER_KEY).hexdigest()[:16]


def make_backup(target: Path) -> Report:
    """Write a backup of the running installation to ``target`` and check the copy.

    Raises BackupError; a file that exists is never overwritten.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; choose another name.")
    partial = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        database = Path(scratch) / DATABASES[connection.vendor]
        _copy_database(database)
        members = {database.name: database, **dict(_files())}
        _write(partial, members)
    report = check_backup(partial)
    partial.replace(target)
    return Report(target, report.files, target.stat().st_size)


def _copy_database(target: Path) -> None:
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with sqlite3.connect(target) as copy:
            connection.connection.backup(copy)
        copy.close()
        return
    _run_postgres(["pg_dump", "--format=custom", f"--file={target}"])


def _run_postgres(command: list[str]) -> None:
    """Run one of PostgreSQL's own programs against our database; no shell, no password in it."""
    parameters = connection.get_connection_params()
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    for name, variable in names.items():
        if parameters.get(name):
            environment[variable] = str(parameters[name])
    environment["PGDATABASE"] = str(parameters["dbname"])
    if shutil.which(command[0]) is None:
        raise BackupError(f"{command[0]} is missing: apt install postgresql-client")
    done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - a fixed program with our own paths
    if done.returncode:
        raise BackupError(f"{command[0]}: {done.stderr.decode(errors='replace').strip()[-300:]}")


def _files() -> Iterator[tuple[str, Path]]:
    for digest in StoredFile.objects.order_by("id").values_list("sha256", flat=True).iterator():
        path = path_of(digest)
        if not path.exists():
            raise BackupError(f"File {digest[:12]}… is missing; run manage.py reconcile first.")
        yield f"files/{digest}", path


def _digest(stream: Any) -> str:  # noqa: ANN401 - anything that can be read
    return hashlib.file_digest(stream, "sha256").hexdigest()


def _for_owner_alone(path: Path) -> None:
    """Make an empty file that nobody else may read, whatever the shell's umask says."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)


def _write(target: Path, members: Mapping[str, Path]) -> None:
    digests = {}
    _for_owner_alone(target)
    with tarfile.open(target, "w") as archive:
        for name, path in members.items():
            with path.open("rb") as stream:
                digests[name] = _digest(stream)
            archive.add(path, arcname=name, recursive=False)
        manifest = Path(tempfile.mkstemp(dir=target.parent, prefix=".manifest-")[1])
        try:
            manifest.write_text(json.dumps(_manifest(digests)))
            archive.add(manifest, arcname=MANIFEST)
        finally:
            manifest.unlink()


def _manifest(digests: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(),
        "database": connection.vendor,
        "key": key_fingerprint(),
        "members": dict(digests),
    }


def _open_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    try:
        member = archive.extractfile(MANIFEST)
    except KeyError as error:
        raise BackupError("The backup is not whole: its list of contents is missing.") from error
    if member is None:
        raise BackupError("The backup is not whole: its list of contents is missing.")
    manifest: dict[str, Any] = json.loads(member.read())
    if manifest.get("format") != FORMAT:
        raise BackupError(
            f"The backup has format {manifest.get('format')}, this version reads {FORMAT}."
        )
    return manifest


def check_backup(path: Path) -> Report:
    """Read the whole backup and compare every byte with its manifest; raises BackupError."""
    try:
        with tarfile.open(path) as archive:
            manifest = _open_manifest(archive)
            for name, digest in manifest["members"].items():
                member = archive.extractfile(name)
                if member is None or _digest(member) != digest:
                    raise BackupError(f"The backup is damaged: {name} is not what it was.")
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        raise BackupError(f"The backup can't be read: {error}.") from error
    return Report(path, len(manifest["members"]) - 1, path.stat().st_size)


def restore_backup(source: Path, data: Path) -> Report:
    """Put a checked backup into an empty data folder; raises BackupError before the first write.

    What still waited to be sent at the time of the backup may have been sent
    since: it becomes "unsure" and waits for a person, so that no citizen gets
    an old mail twice.
    """
    report = check_backup(source)
    with tarfile.open(source) as archive:
        manifest = _open_manifest(archive)
        _refuse_misfit(manifest, data)
        database = DATABASES[manifest["database"]]
        with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as scratch:
            for name in manifest["members"]:
                _extract(archive, name, Path(scratch), data)
            _restore_database(Path(scratch) / database, data)
    return report


def _refuse_misfit(manifest: Mapping[str, Any], data: Path) -> None:
    if manifest["database"] != connection.vendor:
        raise BackupError(
            f"The backup is of {manifest['database']}, this installation runs {connection.vendor}."
        )
    if manifest["key"] != key_fingerprint():
        raise BackupError("The backup was made with another key; put its secret.key here first.")
    if connection.vendor == "sqlite" and (data / "anliegen.sqlite3").exists():
        raise BackupError(f"{data} holds an installation already; restore into an empty folder.")
    if connection.vendor == "postgresql" and connection.introspection.table_names():
        raise BackupError("The database is not empty; restore into a new one.")


def _extract(archive: tarfile.TarFile, name: str, scratch: Path, data: Path) -> None:
    """Copy one member to where it belongs; names that are not ours lead nowhere."""
    digest = name.removeprefix("files/")
    target = scratch / Path(name).name if digest == name else _file_path(data, digest)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    member = archive.extractfile(name)
    if member is None:
        raise BackupError(f"The backup is not whole: {name} is missing.")
    _for_owner_alone(target)
    with target.open("wb") as out:
        shutil.copyfileobj(member, out, CHUNK)


def _file_path(data: Path, digest: str) -> Path:
    if len(digest) != 64 or not digest.isalnum():
        raise BackupError(f"The backup holds a file with a strange name: {digest[:80]!r}.")
    return data / "files" / digest[:2] / digest[2:4] / digest


def _restore_database(copy: Path, data: Path) -> None:
    if connection.vendor == "postgresql":
        _run_postgres(["pg_restore", "--no-owner", "--exit-on-error", "--dbname=", str(copy)])
        with connection.cursor() as cursor:
            cursor.execute(_UNSURE)
        return
    with sqlite3.connect(copy) as database:
        if database.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupError("The database in the backup is damaged.")
        database.execute(_UNSURE)
    database.close()
    copy.replace(data / "anliegen.sqlite3")


_UNSURE = (
    "UPDATE outbox_outgoingmessage SET state = 'unsure', lease_until = NULL, "
    "last_error = 'restored from a backup: may have been sent since' "
    "WHERE state IN ('queued', 'sending')"
)
