"""What the tests of imports share: a sheet is uploaded, its jobs are run as the worker runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agencies.actions.running import run_job
from agencies.choices import JobState, Role
from agencies.models import Job, Unit
from agencies.scope import Actor
from students.actions import imports
from students.models import ImportBatch
from tests import make, workbooks

NOW = make.moment(make.DAY)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "安宝晨丹恩芳高涵佳凯兰明宁鹏琪荣思婷伟欣雅泽"
HEADERS = (*workbooks.HEADERS, "现住址", "是否留守儿童", "就读方式")


def number(serial: int, born: str = "20150512") -> str:
    """A resident number with its check digit (GB 11643): the weights are 2^(17-i) mod 11."""
    body = f"990101{born}{serial % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def pupil(serial: int, **changes: object) -> tuple[object, ...]:
    """One row: a child with a document, a mother and an address."""
    born = f"2015{serial // 1000 % 12 + 1:02d}12"
    name = SURNAMES[serial % 20] + GIVEN[serial // 20 % 22] + GIVEN[serial // 440 % 22]
    row = {
        "姓名": name,
        "性别": "男" if serial % 2 else "女",
        "出生日期": born,
        "身份证件类型": "居民身份证",
        "身份证件号": number(serial, born),
        "班级": "五（1）班",
        "成员1姓名": f"{name[0]}母",
        "成员1关系": "母亲",
        "成员1联系电话": f"139{serial:08d}",
        "现住址": "清河县云溪镇柳树村3组",
        "是否留守儿童": "否",
        "就读方式": "走读",
    }
    return tuple({**row, **changes}[head] for head in HEADERS)


def sheet(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as an .xlsx."""
    return workbooks.xlsx(rows, headers=HEADERS)


def registrar(school: Unit) -> Actor:
    """The record keeper of a school."""
    return make.actor(make.person(Role.REGISTRAR, school))


def upload(by: Actor, unit: Unit, content: bytes, name: str = "学籍.xlsx") -> ImportBatch:
    """Upload a file and let the worker check it."""
    batch = imports.open_import(by=by, unit=unit, file_name=name, content=[content], now=NOW)
    work()
    batch.refresh_from_db()
    return batch


def apply(by: Actor, batch: ImportBatch, *, partly: bool = False) -> ImportBatch:
    """Press 写入 and let the worker write."""
    imports.start_apply(by=by, batch=batch, partly=partly, first_day=make.TERM_START, now=NOW)
    work()
    batch.refresh_from_db()
    return batch


def undo(by: Actor, batch: ImportBatch) -> ImportBatch:
    """Press 撤销 and let the worker take it back."""
    imports.start_undo(by=by, batch=batch, now=NOW)
    work()
    batch.refresh_from_db()
    return batch


def work(*, dies: bool = False) -> Job:
    """Run the one waiting job to its end; `dies` = its worker is killed on the way."""
    job = run_job(by=make.SYSTEM)
    assert job is not None
    assert (job.state == JobState.RUNNING) is dies
    return job
