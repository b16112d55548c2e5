"""Read the environment: the only module that touches os.environ; a wrong value raises at start-up."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class BadSettingError(Exception):
    """A setting is missing or malformed; the message names the variable and what to write."""


def text(name: str, default: str | None = None) -> str:
    """Value of `name`, or the contents of the file `name_FILE` points at (for secrets)."""
    if file_name := os.environ.get(f"{name}_FILE"):
        return Path(file_name).read_text(encoding="utf-8").strip()
    value = os.environ.get(name)
    if value is not None and value != "":
        return value
    if default is None:
        raise BadSettingError(f"Set the environment variable {name} (or {name}_FILE).")
    return default


def flag(name: str, *, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off; anything else raises."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSettingError(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise BadSettingError(f"{name} must be a whole number, not {value!r}.") from error


def words(name: str, default: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-65536;",
        },
        # A thread keeps its connection: opening one anew for each request reads the whole schema again, and closing
        # the last one writes the log back into the file.
        "CONN_MAX_AGE": None,
    }


# The server's defaults are made for spinning disks and long reports: our short statements were compiled to machine
# code, read whole tables where an index holds the rows, and had joins of nine tables pondered for longer than they
# take. An operator's own `?options=` comes last and so wins.
SESSION = "-c jit=off -c random_page_cost=1.1 -c join_collapse_limit=6"


def _postgresql(url: str, *, pooled: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    options["options"] = f"{SESSION} {options.get('options', '')}".strip()
    if pooled:
        # CONN_MAX_AGE=None under threads used up every connection; a pool bounds them.
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
    }


def database(name: str, default_sqlite: Path, *, pooled: bool = True) -> dict[str, Any]:
    """Django's database dictionary from a URL: sqlite:///path or postgresql://user:word@host:port/name."""
    url = text(name, f"sqlite:///{default_sqlite}")
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        return _sqlite(Path(url.removeprefix("sqlite:///")))
    if scheme in {"postgres", "postgresql"}:
        return _postgresql(url, pooled=pooled)
    raise BadSettingError(f"{name} must begin with sqlite:/// or postgresql://, not {scheme!r}.")
