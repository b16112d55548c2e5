"""Accounts in bulk: everything wrong at once, a preview, made in one go, slips fetched once; reset and closed."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pikepdf
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils import timezone

from agencies import pdf
from agencies.actions import accounts, bulk
from agencies.actions.accounts import Slip
from agencies.choices import JobState, Role
from agencies.fields import decrypt, encrypt
from agencies.models import AuditRow, Deputy, Job, Post, User
from agencies.rules.accounts import username_for
from tests import make
from tests.agencies.people import LONG_AGO, Places, client_of, places, run_waiting, signed_in

pytestmark = pytest.mark.django_db
BULK = "/accounts/bulk/"
GOOD = "姓名\t手机\t单位\t岗位\n周晓明\t13800000001\t云溪中心学校 五（1）班\t班主任\n吴丽\t\t柳树村\t村（社区）书记"


@pytest.fixture
def here() -> Places:
    return places()


def workbook(rows: list[list[object]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile("名单.xlsx", target.getvalue())


@pytest.mark.long
def test_a_good_table_is_previewed_then_made_with_posts_and_slips_that_are_fetched_once(here: Places) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    preview = admin.post(BULK, {"pasted": GOOD})
    assert preview.status_code == 200
    assert '<strong data-testid="fresh">2</strong>' in preview.content.decode()
    assert not User.objects.filter(name="周晓明").exists()

    answer = admin.post(BULK, {"pasted": GOOD, "token": "one"})
    again = admin.post(BULK, {"pasted": GOOD, "token": "one"})
    assert answer["Location"] == again["Location"]
    assert run_waiting().state == JobState.DONE

    teacher = User.objects.get(name="周晓明")
    assert teacher.username == "zhouxiaoming"
    assert teacher.must_change_password
    assert Post.objects.get(user=teacher).unit == here.school_class
    page = admin.get(answer["Location"]).content.decode()
    assert "账号条2张，任命岗位2个" in page
    pdf = admin.get(f"{answer['Location']}file/")
    assert pdf.getvalue().startswith(b"%PDF")
    assert admin.get(f"{answer['Location']}file/").status_code == 404
    assert "sealed" not in Job.objects.get().payload


@pytest.mark.long
def test_the_printed_password_opens_the_account_and_must_be_changed(
    here: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    shown: list[str] = []
    monkeypatch.setattr(
        "agencies.actions.bulk.make_password", lambda plain: shown.append(plain) or make_password(plain)
    )
    admin.post(BULK, {"pasted": GOOD, "token": "one"})
    run_waiting()
    visitor = client_of(make.user())
    visitor.logout()
    answer = visitor.post("/login/", {"username": "zhouxiaoming", "password": shown[0]})
    assert answer.status_code == 302
    assert visitor.get("/")["Location"] == "/password/"


def test_everything_wrong_is_listed_at_once_with_row_column_value_and_remedy(here: Places) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    table = "\n".join(
        [
            "姓名,手机,单位,岗位",
            ",13800000001,云溪中心学校,校长",
            "周晓明,12345,云溪中心学校,校长",
            "吴丽,,没有的学校,校长",
            "郑强,,云溪中心学校,大校长",
            "钱芳,,云溪中心学校,班主任",
        ]
    )
    answer = admin.post(BULK, {"pasted": table})
    page = answer.content.decode()
    assert answer.status_code == 400
    for text in ("第2行", "请填写姓名", "12345", "应为11位数字", "没有的学校", "大校长", "班主任请写到班级"):
        assert text in page
    assert "名单有5处问题" in page
    assert User.objects.count() == 1


def test_a_workbook_is_read_by_its_heads_with_phones_kept_as_numbers(here: Places) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    file = workbook(
        [["岗位", "姓名", "班级", "所在单位", "手机号"], ["班主任", "周晓明", "五(1)班", "云溪中心学校", 13800000001]]
    )
    page = admin.post(BULK, {"file": file}).content.decode()
    assert "名单没有问题" in page
    assert "13800000001" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "提交的是空文件"),
        (b"<html>not a workbook</html>", "这不是 .xlsx 文件"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "加密的工作簿或旧版 .xls"),
        (b"x" * (2 * 1024 * 1024 + 1), "超过2MB的上限"),
    ],
)
def test_a_file_that_is_no_small_workbook_gets_a_sentence(here: Places, content: bytes, sentence: str) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    answer = admin.post(BULK, {"file": SimpleUploadedFile("名单.xlsx", content)})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_a_bomb_is_refused_before_it_is_unpacked(here: Places) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 1024 * 1024))
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    answer = admin.post(BULK, {"file": SimpleUploadedFile("名单.xlsx", target.getvalue())})
    assert "文件解开后过大" in answer.content.decode()


def test_a_cell_in_the_far_corner_of_the_sheet_costs_nothing(here: Places) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = "远"
    target = io.BytesIO()
    book.save(target)
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    answer = admin.post(BULK, {"file": SimpleUploadedFile("名单.xlsx", target.getvalue())})
    assert answer.status_code == 400
    assert "表里没有人员" in answer.content.decode()


def test_a_system_administrator_makes_accounts_but_appoints_nobody(here: Places) -> None:
    admin = signed_in(Role.SYSTEM_ADMIN, here.county)
    refused = admin.post(BULK, {"pasted": GOOD})
    assert refused.status_code == 400
    assert "请由安全管理员办理" in refused.content.decode()
    assert "名单没有问题" in admin.post(BULK, {"pasted": "姓名,手机\n周晓明,\n"}).content.decode()


@pytest.mark.parametrize("phone", ["13800000001", "138-0000-0001", "+86 138 0000 0001", "１３８０００００００１"])
def test_somebody_who_has_an_account_is_known_by_phone_however_it_is_written(here: Places, phone: str) -> None:
    known, _ = accounts.create_account(
        by=make.SYSTEM, username="wuli", name="吴丽", phone="13800000001", now=make.moment(make.DAY)
    )
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    sent = {"pasted": f"吴丽,{phone},柳树村,村（社区）书记"}
    assert "另有 <strong>1</strong> 行是已有账号" in admin.post(BULK, sent).content.decode()
    assert "已属于另一个姓名的账号" in admin.post(BULK, {"pasted": f"郑强,{phone},,"}).content.decode()
    assert [person.pk for person in User.objects.filter(name="吴丽")] == [known.pk]


def test_a_closed_account_is_opened_again_before_it_gets_a_post(here: Places) -> None:
    user, _ = accounts.create_account(
        by=make.SYSTEM, username="wuli", name="吴丽", phone="13800000001", now=make.moment(make.DAY)
    )
    accounts.close_account(by=make.SYSTEM, user=user, now=make.moment(make.DAY))
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    answer = admin.post(BULK, {"pasted": "吴丽,13800000001,柳树村,村（社区）书记"})
    assert answer.status_code == 400
    assert "此人的账号已停用，请先在“账号”页重新启用" in answer.content.decode()


def test_one_person_on_two_rows_gets_one_account_with_two_posts(here: Places) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    table = "周晓明,13800000001,云溪中心学校,校长\n周晓明,13800000001,云溪中心学校,学籍管理员"
    admin.post(BULK, {"pasted": table, "token": "two"})
    run_waiting()
    assert User.objects.get(name="周晓明").posts.count() == 2


def test_two_rows_of_one_name_without_a_phone_cannot_be_told_apart(here: Places) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    page = admin.post(BULK, {"pasted": "周晓明,,云溪中心学校,校长\n周晓明,,云溪中心学校,学籍管理员"}).content.decode()
    assert "同名的两人，或一人两岗，请都填手机" in page


def test_account_names_are_pinyin_with_a_number_where_taken() -> None:
    assert username_for("李明", []) == "liming"
    assert username_for("黎明", ["liming", "liming2"]) == "liming3"
    assert username_for("😀", []) == "user"


def test_a_reset_shows_the_new_password_once_and_closes_the_old_one(here: Places) -> None:
    person = make.person(Role.PRINCIPAL, here.school, "周校长", on=LONG_AGO)
    old = client_of(person)
    admin = signed_in(Role.SYSTEM_ADMIN, here.county)
    page = admin.post(f"/accounts/{person.pk}/", {"act": "reset"}).content.decode()
    assert 'data-testid="password"' in page
    assert "首次登录须修改密码" in page
    assert old.get("/password/").status_code == 302
    assert AuditRow.objects.filter(verb="account_reset", object_id=str(person.pk)).count() == 1


def test_a_closed_account_is_out_at_once_and_nobody_closes_his_own(here: Places) -> None:
    person = make.person(Role.PRINCIPAL, here.school, "周校长", on=LONG_AGO)
    open_page = client_of(person)
    boss = make.person(Role.SECURITY_ADMIN, here.county, on=LONG_AGO)
    admin = client_of(boss)
    admin.post(f"/accounts/{person.pk}/", {"act": "close"})
    assert open_page.get("/password/").status_code == 302
    assert "不能停用自己的账号" in admin.post(f"/accounts/{boss.pk}/", {"act": "close"}, follow=True).content.decode()
    boss.refresh_from_db()
    assert boss.is_active


def test_ticked_accounts_get_new_slips(here: Places) -> None:
    person = make.person(Role.PRINCIPAL, here.school, "周校长", on=LONG_AGO)
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    answer = admin.post("/accounts/slips/", {"user": [person.pk], "token": "t"})
    run_waiting()
    assert admin.get(f"{answer['Location']}file/").getvalue().startswith(b"%PDF")
    person.refresh_from_db()
    assert person.must_change_password


@pytest.mark.parametrize("ticked", ["", "x", "²", "9" * 30])
def test_nobody_ticked_is_told(here: Places, ticked: str) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    page = admin.post("/accounts/slips/", {"user": ticked}, follow=True).content.decode()
    assert "请先在名单中勾选人员" in page


def test_accounts_of_another_county_are_not_in_sight(here: Places) -> None:
    other = make.unit(here.county.kind, "白水县")
    stranger = make.person(Role.BUREAU_OFFICER, other, on=LONG_AGO)
    admin = signed_in(Role.SYSTEM_ADMIN, here.county)
    assert admin.get(f"/accounts/{stranger.pk}/").status_code == 404
    assert stranger.name not in admin.get("/accounts/").content.decode()


def test_a_teacher_may_not_see_accounts(here: Places) -> None:
    teacher = signed_in(Role.CLASS_TEACHER, here.school_class)
    for path in ("/accounts/", BULK, "/accounts/1/"):
        assert teacher.get(path).status_code == 403


def test_the_list_costs_the_same_for_one_and_for_three_accounts(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    admin = signed_in(Role.SYSTEM_ADMIN, here.county)
    admin.get("/accounts/")
    with django_assert_num_queries(5):
        admin.get("/accounts/")
    make.person(Role.PRINCIPAL, here.school, on=LONG_AGO)
    make.person(Role.REGISTRAR, here.school, on=LONG_AGO)
    with django_assert_num_queries(5):
        admin.get("/accounts/")


def test_the_list_is_searched_by_name_and_pinyin(here: Places) -> None:
    make.person(Role.PRINCIPAL, here.school, "周校长", on=LONG_AGO)
    admin = signed_in(Role.SYSTEM_ADMIN, here.county)
    assert "周校长" in admin.get("/accounts/", {"q": "周校"}).content.decode()
    assert "周校长" not in admin.get("/accounts/", {"q": "吴"}).content.decode()
    assert admin.get("/accounts/", {"role": "nonsense", "after": "x", "state": "zzz"}).status_code == 200


def test_who_has_no_post_any_more_is_found_with_those_who_never_had_one(here: Places) -> None:
    left = make.person(Role.PRINCIPAL, here.school, "旧校长", on=LONG_AGO)
    left.posts.update(last_day=make.DAY.replace(year=2025))
    make.person(Role.PRINCIPAL, here.school, "新校长", on=LONG_AGO)
    make.user("未任命")
    page = signed_in(Role.SYSTEM_ADMIN, here.county).get("/accounts/", {"state": "idle"}).content.decode()
    assert "旧校长" in page
    assert "未任命" in page
    assert "新校长" not in page


def test_eight_slips_stand_on_a_page_and_carry_all_a_newcomer_needs() -> None:
    slips = [Slip(f"周{number}", f"zhou{number}", "abcd-2345-WXYZ", "云溪中心学校 校长") for number in range(9)]
    context = {"pages": [slips[:8], slips[8:]], "site": "http://127.0.0.1:8000/", "title": "账号条"}
    content = pdf.render("agencies/print/slips.html", context, base=settings.BASE_DIR / "config" / "static")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) == 2
    page = render_to_string("agencies/print/slips.html", context)
    for text in (
        "周8",
        "zhou8",
        "abcd-2345-WXYZ",
        "http://127.0.0.1:8000/",
        "首次登录须修改密码",
        "云溪中心学校 校长",
    ):
        assert text in page


def test_who_lost_the_right_in_the_meantime_makes_no_account(here: Places) -> None:
    boss = make.person(Role.SECURITY_ADMIN, here.county, on=LONG_AGO)
    admin = client_of(boss)
    answer = admin.post(BULK, {"pasted": GOOD, "token": "one"})
    boss.posts.update(last_day=LONG_AGO)
    job = run_waiting()
    assert job.state == JobState.FAILED
    assert "没有办理" in admin.get(answer["Location"]).content.decode()
    assert not User.objects.filter(name="周晓明").exists()
    assert "sealed" not in job.payload


def test_an_interrupted_job_goes_on_where_it_stopped_with_the_same_passwords(here: Places) -> None:
    admin = signed_in(Role.SECURITY_ADMIN, here.county)
    people = "\n".join(f"周{name},,柳树村,村（社区）书记" for name in "安宝晨丹恩芳高涵佳凯兰明宁鹏琪荣思婷伟欣雅泽")
    answer = admin.post(BULK, {"pasted": people, "token": "long"})
    job = Job.objects.get()
    chunk = bulk.CHUNK
    first = run_part(job, chunk)
    assert (first.done, User.objects.filter(name__startswith="周").count()) == (chunk, chunk)
    assert run_waiting().state == JobState.DONE
    assert User.objects.filter(name__startswith="周").count() == 22
    assert "账号条22张" in admin.get(answer["Location"]).content.decode()


def run_part(job: Job, rows: int) -> Job:
    """Run a job whose process ends after so many rows: the rest of its work is cut off as a crash would."""
    order = json.loads(decrypt(job.payload["sealed"]))
    whole, job.payload = job.payload, dict(job.payload)
    job.payload["sealed"] = encrypt(json.dumps({**order, "rows": [*order["rows"][:rows], {"row": -1}]}))
    with pytest.raises(KeyError):
        bulk.make_accounts(by=make.SYSTEM, job=job, now=timezone.localtime())
    job.refresh_from_db()
    assert job.payload == whole
    return job


def test_the_system_administrator_cannot_take_over_the_other_two_administrators() -> None:
    county = make.county()
    system_admin = make.person(Role.SYSTEM_ADMIN, county)
    security_admin = make.person(Role.SECURITY_ADMIN, county)
    audit_admin = make.person(Role.AUDIT_ADMIN, county)
    for guarded in (security_admin, audit_admin):
        with pytest.raises(PermissionDenied, match="三员分立"):
            accounts.reset_account(by=make.actor(system_admin), user=guarded, now=make.moment(make.DAY))
    slip = accounts.reset_account(by=make.actor(security_admin), user=audit_admin, now=make.moment(make.DAY))
    assert slip.password


def test_nor_somebody_whose_such_post_still_runs_or_who_stands_in_for_them(here: Places) -> None:
    by = make.actor(make.person(Role.SYSTEM_ADMIN, here.county))
    leaving = make.person(Role.AUDIT_ADMIN, here.county)
    post = leaving.posts.get()
    day, tomorrow = make.moment(make.DAY), make.moment(make.DAY + timedelta(days=1))
    Post.objects.update(last_day=make.DAY)
    stands_in = make.user()
    Deputy.objects.create(post=post, user=stands_in, first_day=make.DAY, last_day=make.DAY, why="出差")
    for guarded in (leaving, stands_in):
        with pytest.raises(PermissionDenied, match="三员分立"):
            accounts.reset_account(by=by, user=guarded, now=day)
        with pytest.raises(PermissionDenied, match="三员分立"):
            accounts.close_account(by=by, user=guarded, now=day)
        assert accounts.reset_account(by=by, user=guarded, now=tomorrow).password
