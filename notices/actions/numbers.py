"""The number register: per 机关代字 and year gapless, taken under a lock, never given twice."""

from __future__ import annotations

from django.db import transaction

from agencies.models import Unit
from agencies.scope import Actor
from notices.actions.papers import PaperRefusedError
from notices.models import Notice, NumberSeries, UnitReport
from notices.rules.numbering import Number, NumberGapError, next_number, parse_number
from notices.rules.wording import PaperForm, has_code_word, prefix_for


def take_number(*, by: Actor, unit: Unit, form: PaperForm, code_word: str, year: int) -> Number:
    """The next number of the unit's series, inside the caller's transaction; void papers keep theirs.

    Raises PaperRefusedError where the unit has no 机关代字, another unit's series has it, or the register has a hole.
    """
    if not has_code_word(form, code_word):
        raise PaperRefusedError([f"{unit.name}还没有可用的机关代字，不能编号。请系统管理员在机构页填写。"])
    prefix = prefix_for(form, code_word)
    with transaction.atomic():
        NumberSeries.objects.get_or_create(prefix=prefix, year=year, defaults={"unit": unit})
        series = NumberSeries.objects.select_for_update().get(prefix=prefix, year=year)
        if series.unit_id != unit.pk:
            raise PaperRefusedError([f"机关代字“{prefix}”已由{series.unit.name}使用，请核对两单位的机关代字。"])
        own = {"number__startswith": f"{prefix}〔{year}〕"}
        given = [
            *Notice.objects.filter(**own).values_list("number", flat=True),
            *UnitReport.objects.filter(**own).values_list("number", flat=True),
        ]
        used = [number.serial for text in given if (number := parse_number(text))]
        try:
            number = next_number(prefix, year, used)
        except NumberGapError as error:
            raise PaperRefusedError([f"{prefix}〔{year}〕编号登记不连续，已停止编号，请联系系统管理员。"]) from error
        series.last = number.serial
        series.save(update_fields=["last"])
    return number
