"""What people type into the pages of agencies, checked before an action is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from agencies.actions.unit_duties import Done
from agencies.choices import CalendarKind, Role, UnitKind
from agencies.imports.table import MOST_LETTERS, TableError, from_text, from_workbook
from agencies.models import User
from agencies.queries.people import by_name, by_username
from agencies.rules.county_text import EARLIEST, LATEST
from agencies.rules.tree import FIRST_GRADE, LAST_GRADE, PAPER_SETTINGS
from agencies.rules.unit_reading import KINDS
from agencies.rules.unit_state import STATES

_DAY_HELP = "格式：2026-10-10"
# Days from the first to the last of a term; anything shorter is a closure or extra classes.
SHORTEST_TERM = 30


def sensible_year(day: date) -> None:
    """Validator: ValidationError for a day outside any year somebody means."""
    if not EARLIEST <= day <= LATEST:
        raise forms.ValidationError("年份应在2000至2100之间，请核对。")


def day_field(label: str, **options: Any) -> forms.DateField:
    """A day of a sensible year, picked on a phone, typed elsewhere."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": f"日期无法识别。{_DAY_HELP}"},
        validators=[sensible_year],
        **options,
    )


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, str]]) -> None:
    """Fill a field's choices, which only the maker of the form knows."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows for the type checker
    field.choices = list(choices)


def check_order(form: forms.BaseForm) -> None:
    """Put an error where the last day lies before the first."""
    first, last = form.cleaned_data.get("first_day"), form.cleaned_data.get("last_day")
    if first and last and last < first:
        form.add_error("last_day", "结束日期早于开始日期，请改正。")


class PlainForm(forms.Form):
    """Names an empty field by its label: 请填写事由。; a sentence of the field's own stays."""

    def full_clean(self) -> None:
        """Give the fields their sentences first: labels and choices are known only now."""
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                verb = "请选择" if isinstance(field, forms.ChoiceField | forms.FileField) else "请填写"
                field.error_messages["required"] = f"{verb}{field.label}。"
        super().full_clean()


class LoginForm(AuthenticationForm):
    """Account and password; what is wrong is said with the remedy."""

    error_messages = {
        "invalid_login": "账号或密码不对，请重新输入。连续输错5次将锁定半小时；忘记密码请联系系统管理员重置。",
        "inactive": "此账号已停用，请联系系统管理员。",
    }


class BulkForm(PlainForm):
    """A table of people: a workbook or pasted rows."""

    file = forms.FileField(label="人员名单（.xlsx）", required=False, help_text="2MB以内，一次最多500人。")
    pasted = forms.CharField(
        label="或从表格中复制粘贴",
        required=False,
        strip=False,
        max_length=500 * 5 * MOST_LETTERS,
        widget=forms.Textarea(attrs={"spellcheck": "false"}),
        help_text="每行一人，依次为：姓名、手机、单位、岗位，用制表符或逗号分开。",
    )

    def clean(self) -> dict[str, Any]:
        """Read the table; a file goes before pasted text."""
        data: dict[str, Any] = super().clean() or {}
        file, pasted = data.get("file"), data.get("pasted", "")
        if not file and not pasted.strip():
            raise forms.ValidationError("请选择文件，或粘贴人员名单。")
        try:
            data["table"] = from_workbook(file, file.size) if file else from_text(pasted)
        except TableError as error:
            self.add_error("file" if file else "pasted", str(error))
        return data


class UsernameField(forms.CharField):
    """A person by account, or by a name that only one has; cleans to the person."""

    def clean(self, value: Any) -> User | None:
        """The person, or a sentence with the remedy."""
        text = super().clean(value)
        if not text:
            return None
        user = by_username(text)
        if user is not None:
            return user
        namesakes = by_name(text)
        if len(namesakes) > 1:
            raise forms.ValidationError(f"叫“{text[:40]}”的不止一人，请改填其登录账号（见账号条）。")
        if not namesakes:
            raise forms.ValidationError(f"没有姓名或账号是“{text[:40]}”的人，或已停用；请向本人或系统管理员核对。")
        return namesakes[0]


def username_field(label: str) -> UsernameField:
    """A person by name, or by the account printed on the slip."""
    return UsernameField(
        label=label,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "list": "accounts"}),
        help_text="填姓名即可；有同名的，填其登录账号，如 zhangxiaoming。",
    )


class PostForm(PlainForm):
    """A post at a given unit."""

    user = username_field("姓名或账号")
    role = forms.ChoiceField(label="岗位")
    first_day = day_field("任职起")

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "role", ((role.value, role.label) for role in roles))


class EndForm(PlainForm):
    """The last day of a post."""

    last_day = day_field("任职止")


class DeputyForm(PlainForm):
    """Somebody who stands in for some days."""

    post = forms.TypedChoiceField(label="代理哪个岗位", coerce=int)
    user = forms.TypedChoiceField(label="代理人（本单位同事）", coerce=int, required=False, empty_value=None)
    username = username_field("或填写代理人姓名、账号")
    first_day = day_field("代理起")
    last_day = day_field("代理止")
    why = forms.CharField(label="事由", max_length=80, help_text="如：代课、出差、病假。")

    def __init__(
        self, *args: Any, posts: list[tuple[int, str]], colleagues: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].required = False
        offer(self, "post", posts)
        offer(self, "user", [("", "请选择"), *colleagues])

    def clean(self) -> dict[str, Any]:
        """One person, chosen or named; days in order."""
        data = super().clean() or {}
        check_order(self)
        if "username" not in self.errors and not data.get("user") and not data.get("username"):
            self.add_error("user", "请选择代理人，或填写代理人的姓名或账号。")
        return data


class HandOverForm(PlainForm):
    """All posts of one person to another."""

    giver = username_field("移交人")
    taker = username_field("接任人")
    on = day_field("接任日期")

    def clean(self) -> dict[str, Any]:
        """Two persons, not one."""
        data = super().clean() or {}
        if data.get("giver") and data.get("giver") == data.get("taker"):
            self.add_error("taker", "接任人与移交人是同一人，请另选一人。")
        return data


class UnitForm(PlainForm):
    """A new unit under a given one."""

    kind = forms.ChoiceField(label="类别")
    name = forms.CharField(label="名称", max_length=80, help_text="全称；班级写法如 五（1）班。")
    grade = forms.TypedChoiceField(
        label="年级（班级须选）",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "请选择"), *((number, f"{number}年级") for number in range(FIRST_GRADE, LAST_GRADE + 1))],
    )
    code = forms.CharField(
        label="代码", max_length=20, required=False, help_text="学校标识码或行政区划代码，没有可留空。"
    )

    def __init__(self, *args: Any, kinds: list[UnitKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", ((kind.value, kind.label) for kind in kinds))
        if UnitKind.CLASS not in kinds:
            del self.fields["grade"]

    def clean(self) -> dict[str, Any]:
        """Only a class has a grade, and it must."""
        data = super().clean() or {}
        if data.get("kind") == UnitKind.CLASS and not data.get("grade"):
            self.add_error("grade", "请选择班级所在的年级。")
        if data.get("kind") != UnitKind.CLASS:
            data["grade"] = None
        return data


class UnitMoveForm(PlainForm):
    """Where a unit goes (merged into a unit, or put under one), from which day, by which document."""

    to = forms.TypedChoiceField(
        label="承接单位",
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表中选择一个仍在的单位。"),
    )
    on = day_field("生效日期")
    number = forms.CharField(
        label="文件文号", max_length=80, help_text="撤并、划转所依据的文件，如：×教〔2026〕12号。"
    )
    staying = forms.TypedMultipleChoiceField(
        label="随转的岗位（不勾选的，到生效前一天结束；账号都保留）",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, to: list[tuple[int, str]], staff: list[tuple[int, str]], label: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", [("", "请选择"), *to])
        self.fields["to"].label = label
        if staff:
            offer(self, "staying", staff)
        else:
            del self.fields["staying"]


class RenameForm(PlainForm):
    """A unit's new name."""

    name = forms.CharField(label="新名称", max_length=80)


class SettingsForm(PlainForm):
    """What a unit's papers say of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in PAPER_SETTINGS.items():
            self.fields[key] = forms.CharField(label=label, max_length=80, required=False)


OWN_KINDS = (
    CalendarKind.CLOSED,
    CalendarKind.OPEN,
    CalendarKind.CLOSED_PM,
    CalendarKind.CLOSED_AM,
    CalendarKind.HALVES,
    CalendarKind.WHOLE,
    CalendarKind.TERM,
)


class CalendarForm(PlainForm):
    """A term, a closure or extra classes."""

    kind = forms.ChoiceField(
        label="类别",
        choices=[(kind.value, kind.label) for kind in OWN_KINDS],
        help_text="半天放假选“下午停课”；上午、下午各点一次名的，选“上午、下午分别点名”并填起止日期（如整个学期）。",
    )
    first_day = day_field("起")
    last_day = day_field("止")
    name = forms.CharField(label="名称或事由", max_length=60, help_text="如：第一学期、台风停课、运动会补课。")
    grade = forms.TypedChoiceField(
        label="年级",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "全部年级"), *((number, f"{number}年级") for number in range(FIRST_GRADE, LAST_GRADE + 1))],
        help_text="只有一个班的，请先在上方选到该班。",
    )

    def clean(self) -> dict[str, Any]:
        """Days in order; some days entered as a term are a closure that was given the wrong kind."""
        data = super().clean() or {}
        check_order(self)
        first, last = data.get("first_day"), data.get("last_day")
        if data.get("kind") == CalendarKind.TERM and first and last and (last - first).days < SHORTEST_TERM:
            self.add_error(
                "kind", f"一个学期不会短于{SHORTEST_TERM}天。如是停课或补课，请改选类别；否则请检查起止日期。"
            )
        return data


class AdoptForm(PlainForm):
    """A unit adopts a plan from a day on."""

    unit = forms.TypedChoiceField(label="采用单位", coerce=int)
    on = day_field("采用日期")
    note = forms.CharField(label="说明", max_length=120, required=False)

    def __init__(self, *args: Any, units: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit", units)


class UnitDutyFilter(forms.Form):
    """Which duties of units are listed; a value that is none of the offered is as if left out."""

    shown = ("kind", "unit", "state", "own")
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "不限"), *KINDS.items()])
    unit = forms.CharField(label="单位名称", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "不限"), *STATES.items()])
    own = forms.BooleanField(label="只看本单位", required=False)
    duty = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    at = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000, widget=forms.HiddenInput)

    @property
    def narrows(self) -> bool:
        """Whether a state, a kind or one duty was asked for: then every row of the answer is wanted."""
        return any(self.cleaned_data.get(name) for name in ("kind", "state", "duty", "unit"))

    def takes(self, row: Any) -> bool:
        """Whether a row of `queries.unit_duties` passes what was asked."""
        asked = self.cleaned_data
        return (
            (not asked.get("kind") or row.duty.kind == asked["kind"])
            and (not asked.get("state") or row.state == asked["state"])
            and (not asked.get("duty") or row.duty.key == asked["duty"])
            and (not asked.get("at") or row.unit.pk == asked["at"])
            and (not asked.get("unit") or asked["unit"] in row.unit.name)
        )


class UnitDutyForm(PlainForm):
    """A unit did a duty of one period; `wrong`: it replaces a wrong record, or only withdraws it, with the reason."""

    done_on = day_field("办理日期")
    proof = forms.CharField(label="凭据", max_length=200, help_text="说明留存的材料，如：会议记录、台账、回执。")
    what = forms.CharField(
        label="办理情况", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": "3"})
    )
    place = forms.CharField(label="地点", max_length=60, required=False)
    people = forms.CharField(
        label="参加、受益人员", max_length=200, required=False, help_text="写单位和人数即可，如：各校校长，12人。"
    )
    number = forms.CharField(label="文号、份数", max_length=60, required=False)
    withdraw = forms.BooleanField(label="其实没有办理：只撤回，不另登记", required=False)
    why = forms.CharField(label="更正理由", max_length=100)

    def __init__(self, data: Any = None, *, wrong: bool = False, **fields: Any) -> None:
        super().__init__(data, **fields)
        if not wrong:
            del self.fields["withdraw"], self.fields["why"]

    @property
    def done(self) -> Done:
        """The record as typed."""
        return Done(**{name: self.cleaned_data[name] for name in Done.__dataclass_fields__})
