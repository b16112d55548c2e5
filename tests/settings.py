"""The product's settings as tests see them: throw-away keys, and database files of this run alone."""

import os
import tempfile
from pathlib import Path

# Set before the settings are read. Processes started by a test (a worker, a web process) inherit all of it.
os.environ["BAOXUE_TESTING"] = "1"
if "BAOXUE_TEST_DIR" not in os.environ:
    os.environ["BAOXUE_TEST_DIR"] = tempfile.mkdtemp(prefix="baoxue-test-")
    # Only the process that made the folder removes it, not the workers that share it.
    os.environ["BAOXUE_TEST_DIR_OWNER"] = str(os.getpid())
TEST_DIR = Path(os.environ["BAOXUE_TEST_DIR"])
os.environ["BAOXUE_DATA_DIR"] = str(TEST_DIR / "data")

from config.settings import *  # noqa: E402, F403  # the variables above must come first
from config.settings import DATABASES  # noqa: E402

# A file and not memory: locks, write-ahead log and other processes are met as they are in use.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_DIR / "suite.sqlite3")}

# Whitenoise warns about a missing folder, and a warning fails a test.
STATIC_ROOT = TEST_DIR / "staticfiles"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
