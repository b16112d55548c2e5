"""Measure what leaves the building: a county's base ledger as a workbook, a hundred orders as PDF."""

from __future__ import annotations

import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from agencies import pdf, xlsx
from agencies.choices import Role
from agencies.queries.people import actor_for
from config.bench.measure import Row, cpu_of, database_pid, measure_long
from config.bench.pages import County, holder_of
from notices.choices import PaperLayout
from notices.ledgers.adopted import kept_by, sheet_of
from notices.queries.ledgers import row_ids
from notices.rules.papers import Order, Receipt
from notices.rules.wording import PaperForm, fill, load_papers, template

RUNS = 3
BASE = Path(settings.BASE_DIR) / "config" / "static"


def once(name: str, work: Callable[[], object], note: str) -> Row:
    """One run of long work: wall and CPU of our process and of the server process behind our connection."""
    pid = database_pid()
    cpu, database, started = time.process_time(), cpu_of(pid), time.perf_counter()
    said = work()
    wall = (time.perf_counter() - started) * 1000
    spent = time.process_time() - cpu + cpu_of(pid) - database
    return Row(name, wall, wall, spent * 1000, None, f"{note}；{said}")


def measure_ledger(county: County) -> Row:
    """Every school-age child of the county in the official layout, its queries included."""
    actor = actor_for(holder_of(Role.BUREAU_OFFICER), county.on)
    kept = next(one for one in kept_by(actor, county.on) if one.ledger.kind.key == "children_base")
    root = next(post.unit_id for post in actor.posts)
    unit = type(kept.unit).objects.get(pk=root)
    wanted = kept.wanted(actor, unit, county.on - timedelta(days=100), county.on)

    def write() -> str:
        ids = row_ids(kept.ledger.kind.key, wanted)
        made = sheet_of(replace(kept, unit=unit), wanted, ids, on=county.on, full=True, restricted=False)
        with tempfile.TemporaryFile() as target:
            rows = xlsx.write(made, target)
            return f"{rows:,} 行 × {len(made.columns) + 1} 列，{target.tell() / 1e6:.1f} MB"

    return measure_long("底数台账（全县）导出 Excel", write, runs=RUNS, note="目标 ≤ 25 秒，争取 8 秒")


def _order_form(county: County) -> PaperForm:
    folders = sorted(Path(settings.COUNTIES_DIR).iterdir())
    for folder in folders:
        forms, _ = load_papers(_toml(folder / "notices.toml"), folder.name)
        for form in forms:
            if form.layout == PaperLayout.ORDER:
                return form
    raise LookupError("no shipped plan has an order")


def _toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _page(form: PaperForm, serial: int, on: date) -> pdf.Page:
    guardian, student = f"监护人{serial}", f"学生{serial}"
    order = Order(
        number=f"测试限返〔{on.year}〕{serial}号",
        guardian=guardian,
        relation="父亲",
        student=student,
        school="测试学校",
        grade_class="八年级1班",
        absent_since=on - timedelta(days=14),
        persuasions=3,
        criticised_on=on - timedelta(days=1),
        deadline=on + timedelta(days=4),
        deadline_days=3,
        planned_service=on + timedelta(days=1),
        issuer="测试镇人民政府",
        issued_on=on,
        contact="镇民生服务办",
        phone="0990-0000000",
    )
    receipt = Receipt(
        number=f"测试送回〔{on.year}〕{serial}号",
        document_title=form.title,
        document_number=order.number,
        copies=1,
        addressee=guardian,
        relation="父亲",
        student=student,
        issuer=order.issuer,
    )
    return pdf.Page(template(form.layout), fill(form, order, receipts=[receipt]))


def measure_letters(county: County, count: int) -> Row:
    """Orders, each with its receipt on a page of its own, in one run and cut apart; the aim is set for 100."""
    form = _order_form(county)
    pages = [_page(form, serial, county.on) for serial in range(1, count + 1)]

    def print_them() -> str:
        merged, cut = pdf.render_many(pages, base=BASE)
        return f"{len(cut)} 份（含送达回证共 {2 * len(cut)} 页），合并文件 {len(merged) / 1e6:.1f} MB"

    print_them()  # the engine loads, and the second process starts, once per process
    return measure_long(f"{count} 份限期通知书生成 PDF", print_them, runs=RUNS, note="100份的目标 ≤ 2 秒（两核）")
