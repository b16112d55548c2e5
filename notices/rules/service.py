"""Service of a paper on a guardian: what each way needs on record, and the day it takes effect.

Source: 民事诉讼法 arts. 87-95, used by analogy for administrative papers (行政处罚法 art. 61).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agencies.rules.calendar import dated
from agencies.rules.refusals import FieldSentence
from notices.choices import ServiceMethod, ServiceResult

# Days after the publication before an announcement takes effect (art. 95: 经过三十日，即视为送达).
ANNOUNCEMENT_DAYS = 30
ADULT_YEARS = 18


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One attempt to serve one paper on one addressee, as the 送达回证 records it."""

    method: ServiceMethod
    result: ServiceResult
    happened_on: date
    addressee: str
    place: str = ""
    servers: tuple[str, ...] = ()
    receiver: str = ""
    receiver_relation: str = ""
    receiver_age: int | None = None
    receiver_lives_with_addressee: bool = False
    refusal_reason: str = ""
    witness: str = ""
    witness_office: str = ""
    photo: str = ""
    pictures: int = 0
    post_number: str = ""
    consent: str = ""
    entrusted_to: str = ""
    announced_in: str = ""
    announcement_names_child: bool = False
    earlier_failures: int = 0


Check = Callable[[ServiceFacts], list[str]]


def refusals(facts: ServiceFacts, *, on: date) -> tuple[str, ...]:
    """What is missing before this attempt may be recorded, one Chinese sentence each; empty when nothing is.

    `on` is the day of recording: service cannot lie after it.
    """
    found = _common(facts, on)
    if facts.result == ServiceResult.SERVED:
        found += _CHECKS[facts.method](facts)
    elif facts.result == ServiceResult.REFUSED:
        found += _refused(facts)
    return tuple(found)


def served_on(facts: ServiceFacts) -> date | None:
    """The day the paper counts as served, or None where it does not.

    A paper properly left at the home of one who refuses it is served that day (art. 89); an announcement takes effect
    when thirty days have passed, the day of publication not counted (art. 95). A refusal alone serves nothing.
    """
    if facts.result != ServiceResult.SERVED:
        return None
    if facts.method == ServiceMethod.ANNOUNCEMENT:
        return facts.happened_on + timedelta(days=ANNOUNCEMENT_DAYS)
    return facts.happened_on


def _common(facts: ServiceFacts, on: date) -> list[str]:
    found: list[str] = []
    if not facts.addressee.strip():
        found.append("请填写受送达人姓名：通知书按监护人逐人送达，一人一份送达回证。")
    if facts.happened_on > on:
        found.append(FieldSentence(f"送达日期{dated(facts.happened_on)}晚于今天，请填写实际日期。", "happened_on"))
    return found


def _servers(facts: ServiceFacts) -> list[str]:
    names = {name.strip() for name in facts.servers if name.strip()}
    return [] if len(names) >= 2 else [FieldSentence("请填写两名送达人：当面送达须由二人以上到场并签名。", "server_2")]


def _place(facts: ServiceFacts) -> list[str]:
    return [] if facts.place.strip() else [FieldSentence("请填写送达地点，例如受送达人住所的村组门牌。", "place")]


def _refused(facts: ServiceFacts) -> list[str]:
    found = _servers(facts) + _place(facts)
    if not facts.refusal_reason.strip():
        found.append(FieldSentence("请填写拒收事由；拒收后可当场留置送达，并改选相应的送达方式。", "refusal_reason"))
    return found


def _direct(facts: ServiceFacts) -> list[str]:
    found = _servers(facts) + _place(facts)
    if facts.receiver.strip() and facts.addressee.strip() not in {"", facts.receiver.strip()}:
        found.append(
            FieldSentence(f"签收人不是受送达人{facts.addressee}。由他人代收的，请选“同住成年家属代收”。", "receiver")
        )
    return found


def _relative(facts: ServiceFacts) -> list[str]:
    found = _servers(facts) + _place(facts)
    if not facts.receiver.strip() or not facts.receiver_relation.strip():
        field = "receiver_relation" if facts.receiver.strip() else "receiver"
        found.append(FieldSentence("请填写代收人姓名及其与受送达人的关系。", field))
    if not facts.receiver_lives_with_addressee:
        found.append(
            FieldSentence(
                "代收人须与受送达人同住；祖父母、外祖父母等只有同住时才能代收。不同住的，请改用其他方式。",
                "receiver_lives_with_addressee",
            )
        )
    if facts.receiver_age is None:
        found.append(FieldSentence("请填写代收人年龄：只有成年家属可以代收。", "receiver_age"))
    elif facts.receiver_age < ADULT_YEARS:
        found.append(
            FieldSentence(
                f"代收人{facts.receiver_age}周岁，未成年人不能代收。请送交受送达人本人或同住成年家属。", "receiver_age"
            )
        )
    return found


def _left(facts: ServiceFacts) -> list[str]:
    found = _servers(facts) + _place(facts)
    if not facts.refusal_reason.strip():
        found.append(FieldSentence("留置送达须写明拒收事由和日期。", "refusal_reason"))
    return found


def _left_with_witness(facts: ServiceFacts) -> list[str]:
    found = _left(facts)
    if not facts.witness.strip() or not facts.witness_office.strip():
        sentence = "请填写见证人姓名及其单位：见证人应为村（居）委会等基层组织或所在单位的代表，并在回证上签名。"
        found.append(FieldSentence(sentence, "witness_office" if facts.witness.strip() else "witness"))
    return found


def _left_with_photo(facts: ServiceFacts) -> list[str]:
    found = _left(facts)
    if not facts.pictures:
        found.append(
            "请附上至少一张现场照片或一段录像：无见证人的留置送达，须把文书留在受送达人住所，"
            "并采用拍照、录像等方式记录送达过程（民事诉讼法第八十九条）。"
        )
    return found


def _post(facts: ServiceFacts) -> list[str]:
    return (
        []
        if facts.post_number.strip()
        else [FieldSentence("请填写邮件号码；送达日期为回执上注明的收件日期。", "post_number")]
    )


def _electronic(facts: ServiceFacts) -> list[str]:
    if facts.consent.strip():
        return []
    return [
        FieldSentence(
            "电子送达须先由受送达人签署电子送达确认书，请登记确认书编号；没有的，请改用其他方式。", "consent"
        )
    ]


def _entrusted(facts: ServiceFacts) -> list[str]:
    if facts.entrusted_to.strip():
        return []
    return [FieldSentence("请填写受委托代为送达的机关名称。", "entrusted_to")]


def _prison(facts: ServiceFacts) -> list[str]:
    if facts.entrusted_to.strip():
        return []
    return [FieldSentence("请填写转交的监狱或者其他监管场所名称。", "entrusted_to")]


def _announcement(facts: ServiceFacts) -> list[str]:
    found: list[str] = []
    if not facts.earlier_failures:
        sentence = "公告送达是最后的办法：须先用其他方式送达未成，或受送达人下落不明，请先登记未成的送达。"
        found.append(FieldSentence(sentence, "method"))
    if not facts.announced_in.strip():
        found.append(FieldSentence("请填写公告刊登或张贴的处所，并附公告副本。", "announced_in"))
    if facts.announcement_names_child:
        found.append(FieldSentence("公告不得出现学生姓名，请改写公告内容后重新刊登。", "announcement_names_child"))
    return found


_CHECKS: dict[ServiceMethod, Check] = {
    ServiceMethod.DIRECT: _direct,
    ServiceMethod.ADULT_RELATIVE: _relative,
    ServiceMethod.LEFT_WITH_WITNESS: _left_with_witness,
    ServiceMethod.LEFT_WITH_PHOTO: _left_with_photo,
    ServiceMethod.POST: _post,
    ServiceMethod.ELECTRONIC: _electronic,
    ServiceMethod.ENTRUSTED: _entrusted,
    ServiceMethod.THROUGH_PRISON: _prison,
    ServiceMethod.ANNOUNCEMENT: _announcement,
}

# Which fields the form of each way shows, by the names of ServiceFacts, in their order on the 送达回证.
FIELDS: dict[ServiceMethod, tuple[str, ...]] = {
    ServiceMethod.DIRECT: ("place", "servers", "receiver"),
    ServiceMethod.ADULT_RELATIVE: (
        "place",
        "servers",
        "receiver",
        "receiver_relation",
        "receiver_age",
        "receiver_lives_with_addressee",
    ),
    ServiceMethod.LEFT_WITH_WITNESS: ("place", "servers", "refusal_reason", "witness", "witness_office"),
    ServiceMethod.LEFT_WITH_PHOTO: ("place", "servers", "refusal_reason", "photo"),
    ServiceMethod.POST: ("place", "post_number"),
    ServiceMethod.ELECTRONIC: ("consent",),
    ServiceMethod.ENTRUSTED: ("entrusted_to",),
    ServiceMethod.THROUGH_PRISON: ("entrusted_to",),
    ServiceMethod.ANNOUNCEMENT: ("announced_in", "announcement_names_child", "earlier_failures"),
}
