"""Settings read from the environment: the database's address."""

from pathlib import Path

import pytest

from config import env


def _read(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, object]:
    monkeypatch.setenv("DATABASE_URL", url)
    return dict(env.database("DATABASE_URL", Path("unused.sqlite3"), pooled=False))


def test_what_an_operator_sets_for_the_session_comes_after_ours_and_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://baoxue:a%40b@db:5433/county?sslmode=require&options=-c%20random_page_cost%3D4"
    found = _read(monkeypatch, url)
    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("db", "5433", "county", "a@b")
    assert found["OPTIONS"] == {"sslmode": "require", "options": f"{env.SESSION} -c random_page_cost=4"}


def test_without_them_ours_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, "postgresql://baoxue@db/county")["OPTIONS"] == {"options": env.SESSION}


def test_an_address_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(env.BadSettingError, match="postgresql://, not 'mysql'"):
        _read(monkeypatch, "mysql://root@db/county")
