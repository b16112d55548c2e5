"""The county's wording of its papers: read from notices.toml, every mistake reported at once, filled with facts.

Layout is code, wording is data. A text may name only the placeholders of its layout, and no text may speak of a fine:
义务教育法 art. 58 gives 批评教育 and 责令限期改正, nothing else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agencies.rules.policy_schema import Mistake
from notices.choices import IssuerKind, PaperLayout
from notices.rules import issuing, numbering
from notices.rules.papers import FACTS, Facts, Order, Receipt, day_text

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CODE_WORD = "{code_word}"


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One paper as a county words it.

    `mark` is the line above the title (附件3); `prefix` the series of its numbers, where `{code_word}` stands for the
    issuing unit's 机关代字; `confirmed` false prints `confirm_note` until the county has confirmed the layout.
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

    @property
    def needs_full_identity(self) -> bool:
        """Whether names, numbers and addresses stand on it unmasked; the reason is in `identity_reason`."""
        return bool(self.identity_reason)


_ORDER_WORDS: Mapping[str, Callable[[Order], str]] = {
    "guardian": lambda facts: facts.guardian,
    "relation": lambda facts: facts.relation,
    "student": lambda facts: facts.student,
    "school": lambda facts: facts.school,
    "grade_class": lambda facts: facts.grade_class,
    "absent_since": lambda facts: day_text(facts.absent_since),
    "persuasions": lambda facts: str(facts.persuasions),
    "criticised_on": lambda facts: day_text(facts.criticised_on),
    "deadline": lambda facts: day_text(facts.deadline),
    "deadline_days": lambda facts: str(facts.deadline_days),
    "planned_service": lambda facts: day_text(facts.planned_service),
    "issuer": lambda facts: facts.issuer,
    "contact": lambda facts: facts.contact,
    "phone": lambda facts: facts.phone,
}

# What each layout's texts may name; other layouts print fields in fixed places and take no placeholder.
PLACEHOLDERS: Mapping[PaperLayout, frozenset[str]] = {
    layout: frozenset(_ORDER_WORDS) if layout == PaperLayout.ORDER else frozenset() for layout in PaperLayout
}
_ORDER_MUST_NAME = ("student", "deadline")

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
)
_REQUIRED = ("key", "layout", "title", "issuers", "clause", "quote")
_KNOWN = frozenset({*_REQUIRED, *_TEXTS, "copies", "paragraphs", "confirmed"})


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
    words = {name: word(facts) for name, word in _ORDER_WORDS.items()} if isinstance(facts, Order) else {}
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


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: words[found[1]], text)


def _form(table: Mapping[str, Any]) -> PaperForm:
    layout = PaperLayout(table["layout"])
    issuers = tuple(IssuerKind(name) for name in table["issuers"])
    values = {name: value for name, value in table.items() if name not in {"layout", "issuers", "paragraphs"}}
    return PaperForm(layout=layout, issuers=issuers, paragraphs=tuple(table.get("paragraphs", ())), **values)


def _check(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = [
        *(
            Mistake(source, f"{place}.{key}", "没有这一项", f"请删去；可用：{'、'.join(sorted(_KNOWN))}。")
            for key in sorted(set(table) - _KNOWN)
        ),
        *(Mistake(source, f"{place}.{key}", "缺少这一项", "请补上。") for key in _REQUIRED if not table.get(key)),
        *_check_kinds(table, place, source),
    ]
    if found:
        return found
    return [*_check_issuers(table, place, source), *_check_texts(table, place, source)]


def _check_kinds(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = []
    for key in (*_TEXTS, "key", "layout", "clause", "quote"):
        if key in table and not isinstance(table[key], str):
            found.append(Mistake(source, f"{place}.{key}", "应为文字", "请用引号括起来。"))
    for key in ("issuers", "paragraphs"):
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            found.append(Mistake(source, f"{place}.{key}", "应为文字的列表", '请写成 ["…", "…"]。'))
    copies = table.get("copies", 1)
    if isinstance(copies, bool) or not isinstance(copies, int) or not 1 <= copies <= 10:
        found.append(Mistake(source, f"{place}.copies", "份数应为1至10的整数", "例如 copies = 3。"))
    if not isinstance(table.get("confirmed", True), bool):
        found.append(Mistake(source, f"{place}.confirmed", "应为 true 或 false", "版式已经教育局确认的写 true。"))
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


def _check_texts(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    layout = PaperLayout(table["layout"])
    texts = {f"{place}.{key}": table[key] for key in _TEXTS if key in table and key != "prefix"}
    texts |= {
        f"{place}.paragraphs[{number}]": text for number, text in enumerate(table.get("paragraphs", ()), start=1)
    }
    found = []
    for where, text in texts.items():
        # Only body and remedies are filled in.
        allowed = PLACEHOLDERS[layout] if re.search(r"paragraphs|remedies", where) else frozenset()
        for name in _PLACEHOLDER.findall(text):
            if name not in allowed:
                names = "、".join(sorted(allowed)) or "此处不用占位词"
                found.append(Mistake(source, where, f"没有占位词 {{{name}}}", f"可用：{names}。"))
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            found.append(Mistake(source, where, "花括号不成对", "占位词写成 {student} 这样的形式。"))
        if penalty := issuing.penalty_in(text):
            remedy = "义务教育法第五十八条只规定批评教育、责令限期改正，请删去。"
            found.append(Mistake(source, where, f"出现“{penalty}”", remedy))
    return found + _check_order(table, place, source, layout)


def _check_order(table: Mapping[str, Any], place: str, source: str, layout: PaperLayout) -> list[Mistake]:
    if layout != PaperLayout.ORDER:
        return []
    found = []
    named = set(_PLACEHOLDER.findall("".join(table.get("paragraphs", ()))))
    for name in _ORDER_MUST_NAME:
        if name not in named:
            found.append(Mistake(source, f"{place}.paragraphs", f"正文缺少占位词 {{{name}}}", "请写明学生和限期。"))
    if "第五十八条" not in "".join(table.get("paragraphs", ())):
        found.append(
            Mistake(
                source, f"{place}.paragraphs", "正文没有写明依据", "请写明《中华人民共和国义务教育法》第五十八条。"
            )
        )
    sample = table.get("prefix", "").replace(_CODE_WORD, "某某")
    if mistake := numbering.prefix_mistake(sample):
        found.append(Mistake(source, f"{place}.prefix", mistake.removesuffix("。"), "可用 {code_word} 代表机关代字。"))
    return found
