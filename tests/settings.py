"""Settings of the tests: the product's own, on a throw-away data folder.

SQLite in a file by default. With ``TEST_DATABASE=postgres`` the settings only name
the socket of a private cluster, which :mod:`tests.servers.plugin` starts when a test
first asks for a database.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

from tools.catalogs import compile_all

TEST_ROOT = Path(tempfile.gettempdir()) / f"anliegen-test-{os.getpid()}-{token_hex(4)}"
# The type checker reads settings as well, and ends without any clearing up.
if "mypy" not in sys.modules:
    TEST_ROOT.mkdir(mode=0o755)
    atexit.register(shutil.rmtree, TEST_ROOT, ignore_errors=True)
    # Tests read the catalogues as they are now, whoever started them and however. Before Django
    # reads them: to a process that has read none, there is none for good.
    compile_all()

ON_POSTGRES = os.environ.get("TEST_DATABASE", "sqlite") == "postgres"
POSTGRES_FOLDER = TEST_ROOT / "pg"

# Nothing from the caller's surroundings may change what a test sees.
for _name in [name for name in os.environ if name.startswith("ANLIEGEN_")]:
    del os.environ[_name]
os.environ["ANLIEGEN_DATA"] = str(TEST_ROOT / "data")
os.environ["ANLIEGEN_SECRET_KEY"] = "tests-" * 8
os.environ["ANLIEGEN_BASE_URL"] = "http://testserver"
if ON_POSTGRES:
    _host = quote(str(POSTGRES_FOLDER), safe="")
    os.environ["ANLIEGEN_DATABASE_URL"] = f"postgresql://postgres@{_host}/postgres"

from helpdesk.project.settings import *  # noqa: E402, F403 - reads the environment set above
from helpdesk.project.settings import DATABASES, SQLITE_OPTIONS, STATIC_ROOT  # noqa: E402 - reads the same

if not ON_POSTGRES:
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_ROOT / "test.sqlite3")}
    # Threads of tests are many and short; each leaves its connection behind with its work.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # A test database need not survive a power loss. Threads of a test get their turn in no order,
    # and on a busy machine the last one waits long.
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS | {
        "timeout": 120,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
    }

# Passwords of tests need no protection, but there are many of them.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if TEST_ROOT.exists():
    Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# pytest keeps the records of each test and shows those of a failed one.
LOGGING = {"version": 1, "disable_existing_loggers": False}
# A timer would outlive the test that started it; tests write the figures themselves.
KNOWLEDGE_COUNT_SECONDS = 0
# Factories write rows without the events that tell what has changed.
KEPT_PAGES = 0
