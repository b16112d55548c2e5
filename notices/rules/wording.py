"""The county's wording of its papers: read from notices.toml, every mistake reported at once, filled with facts.

Layout is code, wording is data. A text may name only the placeholders of its layout, and no text may speak of a fine:
义务教育法 art. 58 gives 批评教育 and 责令限期改正, nothing else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from agencies.rules.policy_schema import Mistake
from notices.choices import IssuerKind, PaperLayout
from notices.rules import issuing, numbering
from notices.rules.facts import FACTS, Facts
from notices.rules.issuers import ADVICE, ASKS_GUARDIANS, NUMBERED, RECIPIENTS
from notices.rules.papers import Receipt, day_text

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# What a paper that only asks cannot say.
_ORDERING = re.compile(r"责令|限期改正|限你")
_CODE_WORD = "{code_word}"
_UNBROKEN = re.compile(r"(\d+年\d+月\d+日|（星期.）|[\u3400-\u9fff]{2,20}〔\d{4}〕\d+号)")


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One paper as a county words it.

    `mark` is the line above the title (附件3); `prefix` the series of its numbers, where `{code_word}` stands for the
    issuing unit's 机关代字; `confirmed` false prints `confirm_note` until the county has confirmed the layout;
    `assumed` = the plan is silent about this paper. `recipients` are the bodies a report goes to, in the order in
    which it names them; `opinions` the rooms of an application for those who give theirs by hand; `signatures` who
    signs a situation report in the head's place (谁核查谁负责); `ledger` the ledger that is the list of a
    school's letter. `source` names the plan it is taken over from.
    """

    key: str
    layout: PaperLayout
    title: str
    issuers: tuple[IssuerKind, ...]
    clause: str
    quote: str
    mark: str = ""
    prefix: str = ""
    copies: int = 1
    copies_note: str = ""
    paragraphs: tuple[str, ...] = ()
    remedies: str = ""
    note: str = ""
    typed_basis: str = ""
    confirmed: bool = True
    confirm_note: str = "版式待县教育局确认"
    identity_reason: str = ""
    assumed: bool = False
    recipients: tuple[str, ...] = ("township",)
    opinions: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    ledger: str = ""
    source: str = ""

    @property
    def needs_full_identity(self) -> bool:
        """Whether names, numbers and addresses stand on it unmasked; the reason is in `identity_reason`."""
        return bool(self.identity_reason)


def _said(name: str) -> Callable[[Any], str]:
    """A placeholder that stands for the fact of the same name."""
    return attrgetter(name)


def _day(name: str) -> Callable[[Any], str]:
    """A placeholder that stands for the day of the same name, with its weekday."""
    return lambda facts: day_text(getattr(facts, name))


_ORDER_WORDS: Mapping[str, Callable[[Any], str]] = {
    **{name: _said(name) for name in ("guardian", "relation", "student", "school", "grade_class")},
    **{name: _said(name) for name in ("issuer", "contact", "phone")},
    "absent_since": lambda facts: day_text(facts.absent_since),
    "persuasions": lambda facts: str(facts.persuasions),
    "criticised_on": lambda facts: day_text(facts.criticised_on),
    "deadline": lambda facts: day_text(facts.deadline),
    "deadline_days": lambda facts: str(facts.deadline_days),
    "planned_service": lambda facts: day_text(facts.planned_service),
}
_DEMAND_WORDS: Mapping[str, Callable[[Any], str]] = {
    **{name: _said(name) for name in ("guardian", "relation", "student", "school", "grade_class", "order")},
    **{name: _said(name) for name in ("issuer", "contact", "phone")},
    **{name: _day(name) for name in ("order_on", "order_served_on", "order_deadline", "deadline", "planned_service")},
}
_ADVICE_WORDS: Mapping[str, Callable[[Any], str]] = {
    **{name: _said(name) for name in ("to", "student", "school", "grade_class", "guardians", "situation")},
    **{name: _said(name) for name in ("report_at", "issuer", "contact", "phone")},
    "report_by": lambda facts: day_text(facts.report_by),
}
_CRITICISM_WORDS: Mapping[str, Callable[[Any], str]] = {
    name: _said(name) for name in ("guardian", "student", "school", "grade_class", "situation", "issuer")
}
_LETTER_WORDS: Mapping[str, Callable[[Any], str]] = {
    **{name: _said(name) for name in ("paper", "student", "school", "issuer", "contact", "phone")},
    "ours": lambda facts: facts.issued_by or "我单位",
    "paper_on": lambda facts: day_text(facts.paper_on),
    "reason": lambda facts: _clause(facts.reason),
}
_MENDED_WORDS: Mapping[str, Callable[[Any], str]] = {
    "wrong": lambda facts: _clause(facts.wrong),
    "right": lambda facts: _clause(facts.right),
}
_REPORT_WORDS: Mapping[str, Callable[[Any], str]] = {
    **{name: _said(name) for name in ("to", "school", "term", "issuer", "contact", "phone")},
    "counted_on": _day("counted_on"),
    "count": lambda facts: str(facts.count),
    "list": lambda facts: f"《{facts.children.title}》",
}
_WORDS: Mapping[PaperLayout, Mapping[str, Callable[[Any], str]]] = {
    **dict.fromkeys(ADVICE, _ADVICE_WORDS),
    PaperLayout.CRITICISM_RECORD: _CRITICISM_WORDS,
    PaperLayout.REPORT_LETTER: _REPORT_WORDS,
    PaperLayout.ORDER: _ORDER_WORDS,
    PaperLayout.DEMAND: _DEMAND_WORDS,
    PaperLayout.WITHDRAWAL: _LETTER_WORDS,
    PaperLayout.CORRECTION: {**_LETTER_WORDS, **_MENDED_WORDS},
}

# What each layout's texts may name; other layouts print fields in fixed places and take no placeholder.
PLACEHOLDERS: Mapping[PaperLayout, frozenset[str]] = {
    layout: frozenset(_WORDS.get(layout, ())) for layout in PaperLayout
}
# What the body must name, and how that is asked for.
_MUST_NAME: Mapping[PaperLayout, tuple[tuple[str, ...], str]] = {
    PaperLayout.ORDER: (("student", "deadline"), "请写明学生和限期。"),
    PaperLayout.DEMAND: (("student", "order", "deadline"), "请写明学生、所催告的通知书和催告期限。"),
    **dict.fromkeys(ASKS_GUARDIANS, (("student", "report_by"), "请写明学生和请其何时到校。")),
    PaperLayout.REPORT_LETTER: (("count", "list"), "请写明报告几名学生和所附的花名册。"),
    PaperLayout.PROPOSAL: (("student", "situation", "guardians"), "请写明学生、情况和监护人。"),
    PaperLayout.WITHDRAWAL: (("paper", "paper_on", "student", "reason"), "请写明撤回哪份文书、日期、学生和理由。"),
    PaperLayout.CORRECTION: (
        ("paper", "paper_on", "student", "wrong", "right"),
        "请写明文书、日期、学生、原文和更正后内容。",
    ),
}

_TEXTS = (
    "title",
    "mark",
    "prefix",
    "copies_note",
    "remedies",
    "note",
    "typed_basis",
    "confirm_note",
    "identity_reason",
    "ledger",
    "source",
)
_LISTS = ("issuers", "paragraphs", "recipients", "opinions", "signatures")
_REQUIRED = ("key", "layout", "title", "issuers", "clause", "quote")
# What a paper about which the plan says nothing (`assumed`) may leave out.
_FROM_PLAN = frozenset({"clause", "quote"})
_KNOWN = frozenset({*_REQUIRED, *_TEXTS, *_LISTS, "copies", "confirmed", "assumed"})
UNSAID = "本方案未规定"


def load_papers(data: Mapping[str, Any], source: str) -> tuple[tuple[PaperForm, ...], list[Mistake]]:
    """The papers of a notices.toml and everything wrong with it; a paper with a mistake is left out.

    `source` is the file's name for the messages.
    """
    mistakes: list[Mistake] = []
    for key in sorted(set(data) - {"paper"}):
        mistakes.append(Mistake(source, key, "没有这一项", "文书请写在 [[paper]] 下。"))
    tables = data.get("paper", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return (), [*mistakes, Mistake(source, "paper", "写法不对", "每种文书各写一段 [[paper]]。")]
    forms: dict[str, PaperForm] = {}
    for index, table in enumerate(tables, start=1):
        place = f"paper[{table.get('key', index)}]"
        found = _check(table, place, source)
        if not found and table["key"] in forms:
            found.append(Mistake(source, place, "这个 key 已经用过", "请给每种文书一个不同的 key。"))
        mistakes += found
        if not found:
            forms[table["key"]] = _form(table)
    return tuple(forms.values()), mistakes


def fill(form: PaperForm, facts: Facts, *, receipts: Sequence[Receipt] = ()) -> dict[str, Any]:
    """The context of the paper's template: form, facts and filled texts.

    `receipts` follow an order, each on its own page. Raises ValueError when the facts are not those of the form's
    layout, or when the filled text speaks of a fine.
    """
    if not isinstance(facts, FACTS[form.layout]):
        raise ValueError(f"{type(facts).__name__} are not the facts of {form.layout.value}")  # noqa: TRY004
    words = {name: word(facts) for name, word in _WORDS.get(form.layout, {}).items()}
    paragraphs = tuple(_filled(text, words) for text in form.paragraphs)
    remedies = _filled(form.remedies, words)
    for text in (*paragraphs, remedies, form.note):
        if penalty := issuing.penalty_in(text):
            raise ValueError(f"a paper may not speak of {penalty}")
    return {
        "form": form,
        "title": form.title,
        "facts": facts,
        "paragraphs": paragraphs,
        "lines": tuple(pieces(text) for text in paragraphs),
        "remedies": remedies,
        "receipts": tuple(receipts),
    }


def template(layout: PaperLayout) -> str:
    """Name of the layout's template."""
    return f"notices/print/{layout.value}.html"


def prefix_for(form: PaperForm, code_word: str) -> str:
    """The series of a unit with this 机关代字; ValueError when the two give no proper prefix."""
    prefix = form.prefix.replace(_CODE_WORD, code_word)
    if mistake := numbering.prefix_mistake(prefix):
        raise ValueError(mistake)
    return prefix


def pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """A text in pieces, true where a line must not break inside: a date, its weekday, a document number."""
    parts = _UNBROKEN.split(text)
    return tuple((part, place % 2 == 1) for place, part in enumerate(parts) if part)


def has_code_word(form: PaperForm, code_word: str) -> bool:
    """Whether a unit with this 机关代字 can number the paper."""
    if _CODE_WORD in form.prefix and not code_word.strip():
        return False
    try:
        prefix_for(form, code_word)
    except ValueError:
        return False
    return True


def _clause(text: str) -> str:
    """What an officer typed, as part of a sentence: without the full stop he ended it with."""
    return re.sub(r"\s+", " ", text).strip().rstrip("。；;，,")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: words[found[1]], text)


def _form(table: Mapping[str, Any]) -> PaperForm:
    layout = PaperLayout(table["layout"])
    issuers = tuple(IssuerKind(name) for name in table["issuers"])
    values = {name: value for name, value in table.items() if name not in {"layout", *_LISTS}}
    values |= {name: tuple(table[name]) for name in _LISTS if name in table}
    if table.get("assumed"):
        values = {"clause": UNSAID, "quote": "", **values}
    return PaperForm(**{**values, "layout": layout, "issuers": issuers})


def _check(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = [
        *(
            Mistake(
                source, f"{place}.{key}", "没有这一项", f"请删去；可用：{'、'.join(sorted(_KNOWN - {'source'}))}。"
            )
            for key in sorted(set(table) - _KNOWN)
        ),
        *(
            Mistake(source, f"{place}.{key}", "缺少这一项", "请补上。")
            for key in _REQUIRED
            if not table.get(key) and not (key in _FROM_PLAN and table.get("assumed") is True)
        ),
        *_check_kinds(table, place, source),
    ]
    if found:
        return found
    return [
        *_check_issuers(table, place, source),
        *_check_recipients(table, place, source),
        *_check_texts(table, place, source),
    ]


def _check_kinds(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = []
    for key in (*_TEXTS, "key", "layout", "clause", "quote"):
        if key in table and not isinstance(table[key], str):
            found.append(Mistake(source, f"{place}.{key}", "应为文字", "请用引号括起来。"))
    for key in _LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            found.append(Mistake(source, f"{place}.{key}", "应为文字的列表", '请写成 ["…", "…"]。'))
    copies = table.get("copies", 1)
    if isinstance(copies, bool) or not isinstance(copies, int) or not 1 <= copies <= 10:
        found.append(Mistake(source, f"{place}.copies", "份数应为1至10的整数", "例如 copies = 3。"))
    for key, remedy in (("confirmed", "版式已经教育局确认的写 true。"), ("assumed", "方案未规定这种文书的写 true。")):
        if not isinstance(table.get(key, True), bool):
            found.append(Mistake(source, f"{place}.{key}", "应为 true 或 false", remedy))
    return found + _check_layout(table, place, source)


def _check_layout(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = []
    layouts = [layout.value for layout in PaperLayout]
    if isinstance(table.get("layout"), str) and table["layout"] and table["layout"] not in layouts:
        found.append(
            Mistake(source, f"{place}.layout", f"没有“{table['layout']}”这种版式", f"可用：{'、'.join(layouts)}。")
        )
    return found


def _check_issuers(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = []
    kinds = {kind.value: kind for kind in IssuerKind}
    for name in table["issuers"]:
        if name not in kinds:
            message = f"没有“{name}”这种出具单位"
            found.append(Mistake(source, f"{place}.issuers", message, f"可用：{'、'.join(kinds)}。"))
        elif refusal := issuing.issue_refusal(
            PaperLayout(table["layout"]), kinds[name], typed_basis=table.get("typed_basis", "")
        ):
            found.append(Mistake(source, f"{place}.issuers", refusal.removesuffix("。"), f"请删去“{name}”。"))
    return found


def _check_recipients(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    return [
        Mistake(source, f"{place}.recipients", f"没有“{name}”这种主送单位", f"可用：{'、'.join(RECIPIENTS)}。")
        for name in table.get("recipients", ())
        if name not in RECIPIENTS
    ]


def _check_texts(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    layout = PaperLayout(table["layout"])
    texts = [(key, key, table[key]) for key in _TEXTS if key in table and key != "prefix"]
    texts += [
        (key, f"{key}[{number}]", text)
        for key in ("paragraphs", "opinions", "signatures")
        for number, text in enumerate(table.get(key, ()), start=1)
    ]
    found = []
    for key, at, text in texts:
        where = f"{place}.{at}"
        # Only body and remedies are filled in.
        allowed = PLACEHOLDERS[layout] if key in ("paragraphs", "remedies") else frozenset()
        for name in _PLACEHOLDER.findall(text):
            if name not in allowed:
                names = "、".join(sorted(allowed)) or "此处不用占位词"
                found.append(Mistake(source, where, f"没有占位词 {{{name}}}", f"可用：{names}。"))
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            found.append(Mistake(source, where, "花括号不成对", "占位词写成 {student} 这样的形式。"))
        if penalty := issuing.penalty_in(text):
            remedy = "义务教育法第五十八条只规定批评教育、责令限期改正，请删去。"
            found.append(Mistake(source, where, f"出现“{penalty}”", remedy))
    return found + (_check_body(table, place, source, layout) if layout in NUMBERED else [])


def _check_body(table: Mapping[str, Any], place: str, source: str, layout: PaperLayout) -> list[Mistake]:
    """A numbered paper has a body: what it must name, the law it stands on, its series."""
    found = []
    body = "".join(table.get("paragraphs", ()))
    names, remedy = _MUST_NAME[layout]
    for name in names:
        if name not in _PLACEHOLDER.findall(body):
            found.append(Mistake(source, f"{place}.paragraphs", f"正文缺少占位词 {{{name}}}", remedy))
    if layout == PaperLayout.ORDER and "第五十八条" not in body:
        found.append(
            Mistake(
                source, f"{place}.paragraphs", "正文没有写明依据", "请写明《中华人民共和国义务教育法》第五十八条。"
            )
        )
    if layout == PaperLayout.DEMAND and not ("第五十四条" in body and "陈述" in body and "申辩" in body):
        remedy = "请写明行政强制法第五十四条和当事人的陈述权、申辩权（第三十五条）。"
        found.append(Mistake(source, f"{place}.paragraphs", "催告书正文不全", remedy))
    if layout in ASKS_GUARDIANS and (order := _ORDERING.search(body)):
        text = "这种文书只告知、劝导：责令限期改正用限期通知书（义务教育法第五十八条），请改写。"
        found.append(Mistake(source, f"{place}.paragraphs", f"出现“{order[0]}”", text))
    sample = table.get("prefix", "").replace(_CODE_WORD, "某某")
    if mistake := numbering.prefix_mistake(sample):
        found.append(Mistake(source, f"{place}.prefix", mistake.removesuffix("。"), "可用 {code_word} 代表机关代字。"))
    return found
