"""The one plain sentence that says what to do on a case today."""

from collections.abc import Iterable, Mapping
from datetime import date

from agencies.rules.calendar import ONE_DAY, dated
from agencies.rules.policy_schema import Policy
from cases.choices import Application, Cause, DutyState, EventKind, Stage
from cases.rules.facts import Event
from cases.rules.rounds import STARTS, valid_events
from cases.rules.rung import AFTER_END
from cases.rules.standing import Duty, Standing
from cases.rules.support_plan import support_plan

# The sentence of such a case begins with these words; worklists find it by them.
CLOSABLE, SEEN = "可报请销号", "点名显示"
SERVE = "把已签发的通知书送达监护人并登记"
OF_THE_SCHOOL = frozenset({Cause.BULLYING, Cause.MISTREATED, Cause.PUSHED_OUT})
CALLS = {"connected": "接通", "no_answer": "未接", "refused": "拒接", "empty_number": "空号"}


def awaits_service(standing: Standing) -> bool:
    """Whether the order of this round is signed and has not reached a guardian."""
    return EventKind.NOTICE_ISSUED in standing.recorded and standing.served_on is None


def advice_of(policy: Policy, standing: Standing) -> dict[str, str]:
    """What the day's sentence says of each step, by step key; a signed order is to be served, not signed anew."""
    signed = awaits_service(standing)
    return {
        step.key: SERVE if signed and EventKind.NOTICE_SERVED in step.done_by else step.advice for step in policy.steps
    }


def today_sentence(standing: Standing, events: Iterable[Event], names: Mapping[str, str] | None = None) -> str:
    """What to do now, e.g. 「今天前入户劝返；已电话1次未接；建议与村书记同去」.

    `names` maps step keys to their advice (`Step.advice`) and "secretary" to how the village secretary is called;
    both optional. `events` are the case's events; those after `standing.on`, superseded or withdrawn are left out.
    """
    known = names or {}
    if standing.stage == Stage.CLOSED:
        return "已销号"
    valid = valid_events(events, standing.on, None)
    if standing.stage == Stage.HELP:
        return _helped(valid, standing.on)
    mine = sorted((e for e in valid if _of_round(standing, e)), key=lambda e: (e.happened_on, e.id))
    if not standing.duties and not any(e.kind in STARTS for e in valid):
        return "按现有考勤没有应办事项；确系误记的，可以“误报”销号"
    parts = [*_state(standing), *(_owed(d, standing.on, known) for d in standing.waiting[:1])]
    parts = parts or _ahead(standing, known)
    if standing.returned_on is None:
        parts += [*_inquiry(valid), *_tries(mine, standing.on), *_advice(standing, mine, known)]
    return "；".join(parts) or "暂无应办事项，继续关注到校情况"


def _helped(events: list[Event], on: date) -> str:
    """What a child who is helped and not absent is waiting for: its plan, or the next look at it."""
    plan = support_plan(events, on)
    if plan is None:
        return "帮扶中；还没有制定一生一策，请先制定"
    if plan.review_due_on is None:
        return "按一生一策帮扶；没有定下次复查日期，请复查后补定"
    return f"按一生一策帮扶；下次复查{dated(plan.review_due_on)}"


def _of_round(standing: Standing, event: Event) -> bool:
    opened = [d.opened_on for d in standing.duties if d.round == standing.round and d.opened_on]
    return not opened or event.happened_on >= min(opened)


def _state(standing: Standing) -> list[str]:
    if standing.paused_until is not None:
        return [f"中止计时至{dated(standing.paused_until)}"]
    if standing.closable:
        return [CLOSABLE]
    if standing.placed_as:
        until = f"至{dated(standing.placed_until)}" if standing.placed_until else ""
        return [f"{Application(standing.placed_as).label}{until}"]
    if standing.returned_on is not None and standing.observing_until is not None:
        over = standing.on > standing.observing_until
        rest = [m for m in standing.missing_for_closing if "观察" not in m]
        return [*rest] if over else [f"返校观察至{dated(standing.observing_until)}"]
    if standing.return_recorded_on is not None:
        return [f"已登记{dated(standing.return_recorded_on)}返校，待点名确认"]
    if standing.seen_on is not None:
        return [f"{SEEN}{dated(standing.seen_on)}已到校，请登记返校"]
    if standing.guardian_due_on is not None and standing.on <= standing.guardian_due_on:
        return [f"等待监护人送返，限期至{dated(standing.guardian_due_on)}"]
    return []


def _owed(duty: Duty, on: date, names: Mapping[str, str]) -> str:
    what = names.get(duty.step_key) or duty.name
    if duty.due_on is None:
        return what
    if duty.state == DutyState.OVERDUE:
        return f"已逾期{(on - duty.due_on).days}天：{what}"
    when = {on: "今天前", on + ONE_DAY: "明天前"}.get(duty.due_on, f"{dated(duty.due_on)}前")
    return f"{when}{what}"


def _ahead(standing: Standing, names: Mapping[str, str]) -> list[str]:
    """What comes next when nothing is owed today, so that nobody is left wondering."""
    if not standing.duties:
        return []
    coming = [d for d in standing.duties if d.state == DutyState.AHEAD and d.foreseen and d.stage not in AFTER_END]
    if not coming:
        return ["各步骤已办，继续劝返并登记"]
    duty = min(coming, key=lambda d: d.opens_on or date.max)
    when = f"{dated(duty.opens_on)}起" if duty.opens_on else "下一步"
    return [f"仍未返校的，{when}{names.get(duty.step_key) or duty.name}"]


def _inquiry(events: list[Event]) -> list[str]:
    """Where the school may be the cause, the bureau inquires and not that school.

    Another cause named later does not take the inquiry away: the school itself could name it.
    Source: 大田 四（五）, no school may make a child leave, rest or change schools; fixtures/law/inquiry.toml.
    """
    asked = [e.happened_on for e in events if e.data.get("cause") in OF_THE_SCHOOL]
    done = [e.happened_on for e in events if e.kind == EventKind.INQUIRED]
    if not asked or (done and max(done) >= max(asked)):
        return []
    return ["原因涉及学校：由教育局调查，不由该校自查"]


def _tries(events: list[Event], on: date) -> list[str]:
    """What was tried in this round, so that nobody calls or visits blindly a second time."""
    said = []
    calls = [e for e in events if e.kind == EventKind.PHONE_CALL]
    if calls:
        result = CALLS.get(str(calls[-1].data.get("result")), "")
        said.append(f"已电话{len(calls)}次{result}")
    visits = [e for e in events if e.kind in (EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION)]
    if visits:
        last = visits[-1].happened_on
        when = {on: "今天", on - ONE_DAY: "昨天"}.get(last, dated(last)[5:])
        by = f"（{visits[-1].data['by']}）" if visits[-1].data.get("by") else ""
        said.append(f"{when}已家访{by}" if len(visits) == 1 else f"已家访{len(visits)}次，最近{when}{by}")
    times = sum(e.kind == EventKind.PERSUASION for e in events)
    if times:
        said.append(f"乡镇已劝返{times}次")
    failed = sum(e.kind == EventKind.SERVICE_FAILED for e in events)
    if failed and not any(e.kind == EventKind.NOTICE_SERVED for e in events):
        said.append(f"送达未成{failed}次")
    return said


def _advice(standing: Standing, events: list[Event], names: Mapping[str, str]) -> list[str]:
    """A suggestion where the record shows that the plain way does not work."""
    secretary = names.get("secretary") or "村书记"
    calls = [str(e.data.get("result")) for e in events if e.kind == EventKind.PHONE_CALL]
    refused = any(e.kind == EventKind.SERVICE_FAILED and e.data.get("reason") == "refused" for e in events)
    if refused and standing.served_on is None:
        return ["建议留置送达：见证人签字或拍照录像"]
    if calls and calls[-1] == "empty_number":
        return [f"建议向{secretary}核实新号码"]
    if calls and "connected" not in calls and standing.stage in (Stage.SCHOOL, Stage.VILLAGE):
        return [f"建议与{secretary}同去"]
    return []
