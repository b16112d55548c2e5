"""The common wording of papers about which a plan says nothing."""

from collections.abc import Mapping

from notices.choices import IssuerKind, PaperLayout
from notices.rules.wording import UNSAID, PaperForm

_DUTY = (
    "《中华人民共和国义务教育法》第五条、第十一条规定，适龄儿童、少年应当按时入学，"
    "父母或者其他法定监护人应当依法保证其接受并完成义务教育。"
)
_ASKS = "本函为告知和劝导，不是责令限期改正的决定。"
PROPOSAL_TEXT = (
    "我校{grade_class}学生{student}，{situation}。其监护人：{guardians}。",
    "依照《中华人民共和国义务教育法》第五十八条的规定，父母或者其他法定监护人无正当理由未送适龄儿童、少年入学接受"
    "义务教育的，由当地乡镇人民政府或者县级人民政府教育行政部门给予批评教育，责令限期改正。",
    "现将有关情况告知，建议依法对其监护人给予批评教育，责令限期改正。我校将继续配合劝返，考勤和劝返记录可随时调取。",
)
_ISSUERS = (IssuerKind.SCHOOL, IssuerKind.TOWNSHIP, IssuerKind.BUREAU, IssuerKind.SUBDISTRICT, IssuerKind.FARM)
_ABOUT = "{ours}于{paper_on}出具的关于{student}（{school}）的{paper}"
_IDENTITY = "须写明原文书所涉学生"

# No plan has these papers (clauses 1, 8, 10, 49): a county may word its own in notices.toml.
COMMON = (
    PaperForm(
        key="urging-letter",
        layout=PaperLayout.URGING,
        title="劝学函",
        issuers=(IssuerKind.SCHOOL,),
        clause=UNSAID,
        quote="",
        prefix="{code_word}劝函",
        paragraphs=(
            "{student}（{school}{grade_class}学生）{situation}。",
            _DUTY,
            "请于{report_by}前送{student}到{report_at}上课。家庭有困难、孩子患病或者有其他情况的，请与我校联系，"
            "我校将在学习、生活和资助等方面给予帮助。",
        ),
        note=_ASKS,
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason="须写明学生和监护人",
        assumed=True,
    ),
    PaperForm(
        key="proposal-letter",
        layout=PaperLayout.PROPOSAL,
        title="告知建议函",
        issuers=(IssuerKind.SCHOOL,),
        clause=UNSAID,
        quote="",
        prefix="{code_word}建函",
        paragraphs=PROPOSAL_TEXT,
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason="乡镇人民政府凭此找到学生和监护人",
        assumed=True,
    ),
    PaperForm(
        key="criticism-record",
        layout=PaperLayout.CRITICISM_RECORD,
        title="批评教育记录",
        issuers=(IssuerKind.TOWNSHIP, IssuerKind.BUREAU),
        clause=UNSAID,
        quote="",
        paragraphs=(
            "{student}{situation}。父母或者其他法定监护人应当依法保证适龄儿童、少年按时入学接受并完成义务教育"
            "（《中华人民共和国义务教育法》第五条、第十一条，《中华人民共和国未成年人保护法》第十六条第五项）。",
            "依照《中华人民共和国义务教育法》第五十八条的规定，对{guardian}予以批评教育，要求尽快送{student}到校；"
            "仍不送其接受义务教育的，将依法责令限期改正。",
        ),
        note="说明：批评教育由二人以上进行，记录交监护人核对后签名；拒绝签名的，由批评教育人注明。",
        confirmed=False,
        identity_reason="记录须写明监护人和学生",
        assumed=True,
    ),
    PaperForm(
        key="demand",
        layout=PaperLayout.DEMAND,
        title="催告书",
        issuers=(IssuerKind.TOWNSHIP, IssuerKind.BUREAU),
        clause=UNSAID,
        quote="",
        prefix="{code_word}催",
        copies=3,
        copies_note="（本催告书一式三份：监护人、学校、催告机关存档各一份）",
        paragraphs=(
            "本机关于{order_on}对你作出{order}，责令你送{student}（{school}{grade_class}学生）接受义务教育，"
            "该通知书已于{order_served_on}送达，限期至{order_deadline}。你在法定期限内至今未履行。",
            "依照《中华人民共和国行政强制法》第五十四条的规定，现催告你自收到本催告书之日起十日（工作日）内履行义务："
            "送{student}到校，保证其依法接受并完成义务教育。本催告书于{planned_service}送达的，最迟应于{deadline}履行；"
            "实际送达日期不同的，以送达回证记载的届满日为准。",
            "逾期仍不履行的，本机关将依法向人民法院申请强制执行。",
            "你对上述事项有权陈述和申辩，可以在收到本催告书后向本机关提出（行政强制法第三十五条、第三十六条）。",
        ),
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason="须写明受送达人和学生",
        assumed=True,
    ),
    *(
        PaperForm(
            key=key,
            layout=layout,
            title=layout.label,
            issuers=(IssuerKind.TOWNSHIP, IssuerKind.BUREAU),
            clause=UNSAID,
            quote="",
            note="说明：打“√”的材料系统已有，按所列文号、日期调取原件；未打“√”的须另行准备。",
            identity_reason="须写明当事人",
            assumed=True,
        )
        for key, layout in (
            ("suit-materials", PaperLayout.SUIT_MATERIALS),
            ("enforcement-materials", PaperLayout.ENFORCEMENT_MATERIALS),
        )
    ),
    PaperForm(
        key="withdrawal-letter",
        layout=PaperLayout.WITHDRAWAL,
        title="撤回函",
        issuers=_ISSUERS,
        clause=UNSAID,
        quote="",
        prefix="{code_word}撤函",
        paragraphs=(
            _ABOUT + "，经核实，{reason}，现予撤回。",
            "该文书自本函印发之日起不再作为办理依据，据此要求办理的事项停止办理；已收到的文书请退回我单位，或者注明“已撤回”后存档。",
        ),
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason=_IDENTITY,
        assumed=True,
    ),
    PaperForm(
        key="correction-letter",
        layout=PaperLayout.CORRECTION,
        title="更正函",
        issuers=_ISSUERS,
        clause=UNSAID,
        quote="",
        prefix="{code_word}更函",
        paragraphs=(
            _ABOUT + "，因{reason}，部分内容有误，现更正如下：",
            "原文：{wrong}。",
            "更正为：{right}。",
            "原文书其他内容不变，请将本函与原文书一并存档。",
        ),
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason=_IDENTITY,
        assumed=True,
    ),
    PaperForm(
        key="filled-receipt",
        layout=PaperLayout.RECEIPT,
        title="送达回证",
        issuers=(IssuerKind.TOWNSHIP, IssuerKind.BUREAU, IssuerKind.SUBDISTRICT, IssuerKind.FARM),
        clause=UNSAID,
        quote="",
        identity_reason="须写明受送达人和送达地点",
        assumed=True,
    ),
)


def with_common(forms: Mapping[str, PaperForm]) -> dict[str, PaperForm]:
    """A plan's papers, and the common wording of those about which it says nothing."""
    said = {form.layout for form in forms.values()}
    return {**{form.key: form for form in COMMON if form.layout not in said}, **forms}
