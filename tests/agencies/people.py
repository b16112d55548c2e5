"""Who signs in, in the tests of agencies: two townships side by side, and a client for any role."""

from dataclasses import dataclass
from datetime import date

from django.test import Client

from agencies.actions.running import run_job
from agencies.choices import Role, UnitKind
from agencies.models import Job, Unit, User
from tests import make
from tests.kept import kept

LONG_AGO = date(2024, 9, 1)


@dataclass
class Places:
    """A county with two townships; 云溪 is one's own, 青山 the sister."""

    county: Unit
    township: Unit
    village: Unit
    grid: Unit
    school: Unit
    school_class: Unit
    sister: Unit
    sister_school: Unit


@kept
def places() -> Places:
    county = make.county()
    township = make.township(county)
    village = make.village(township)
    school = make.school(township)
    sister = make.township(county, "青山镇")
    return Places(
        county,
        township,
        village,
        make.unit(UnitKind.GRID, "第一网格", village),
        school,
        make.school_class(school),
        sister,
        make.school(sister, "青山小学", code="2199010002"),
    )


def client_of(user: User) -> Client:
    """A client signed in as this person."""
    client = Client()
    client.force_login(user)
    return client


def signed_in(role: Role, at: Unit, name: str = "") -> Client:
    """A client signed in as somebody with one post, held since long ago."""
    return client_of(make.person(role, at, name, on=LONG_AGO))


def run_waiting() -> Job:
    """Run the one waiting job as the loop would."""
    job = run_job(by=make.SYSTEM)
    assert job is not None
    return job
