"""Accounts in bulk: a job makes or resets them chunk by chunk and prints the slips, which can be fetched once.

First passwords are derived from a random seed, so that an interrupted job goes on with the same ones; the seed lives
encrypted in the job's payload and is gone with the rows as soon as the slips are printed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import pdf
from agencies.actions import jobs
from agencies.actions.accounts import Slip, create_account, reset_account
from agencies.actions.posts import give_post
from agencies.actions.running import JobRefusedError
from agencies.choices import Permission, Role
from agencies.fields import decrypt, encrypt
from agencies.models import Job, Post, Unit, User
from agencies.queries.people import actor_for
from agencies.rules.accounts import Wanted, username_for
from agencies.rules.passwords import spelled
from agencies.scope import Actor, current

# Hashing one password costs a fifth of a second; it is done before a chunk's transaction opens.
CHUNK = 20
SLIPS_A_PAGE = 8


def start_accounts(*, by: Actor, rows: Sequence[Wanted], token: str, site: str, now: datetime) -> Job:
    """Start making the accounts and posts of a checked table; the same token again is the job that stands."""
    by.require(Permission.MANAGE_ACCOUNTS)
    return _start(by, "批量建立账号", [asdict(row) for row in rows], token, site, now)


def start_slips(*, by: Actor, users: Iterable[User], token: str, site: str, now: datetime) -> Job:
    """Start resetting accounts and printing their slips anew."""
    by.require(Permission.MANAGE_ACCOUNTS)
    rows = [
        asdict(Wanted(number, user.name, "", None, "", "", user.pk)) | {"reset": True}
        for number, user in enumerate(users)
    ]
    return _start(by, "重置密码并打印账号条", rows, token, site, now)


def _start(by: Actor, title: str, rows: list[dict[str, Any]], token: str, site: str, now: datetime) -> Job:
    sealed = encrypt(json.dumps({"seed": secrets.token_hex(32), "rows": rows}, ensure_ascii=False))
    payload = {"title": title, "once": True, "site": site, "sealed": sealed}
    return jobs.start_job(by=by, kind="accounts", key=f"accounts/{by.user_id}/{token}", payload=payload, now=now)


def make_accounts(*, by: Actor, job: Job, now: datetime) -> dict[str, Any]:
    """Carry the job out or go on where it stopped; returns what its page shows. Raises JobRefusedError."""
    if "sealed" not in job.payload:
        return dict(job.result)
    order = json.loads(decrypt(job.payload["sealed"]))
    starter = actor_for(User.objects.get(pk=job.started_by or 0), now.date())
    made: dict[str, int] = dict(job.result.get("made", {}))
    rows = order["rows"]
    for first in range(job.done, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        hashes = {
            row["row"]: make_password(_password(order["seed"], row)) for row in chunk if _needs_password(row, made)
        }
        try:
            with transaction.atomic():
                for row in chunk:
                    _carry_out(starter, row, hashes.get(row["row"], ""), made, now)
                job.result = {"made": made}
                job.save(update_fields=["result"])
                jobs.advance(by=by, job=job, done=first + len(chunk), total=len(rows), now=now, step="正在建立账号")
        except (PermissionDenied, ValueError) as error:
            job.payload = {"title": job.payload["title"]}
            job.save(update_fields=["payload"])
            raise JobRefusedError(_refusal(first, len(rows), str(error))) from error
    return _print(job, order, made, now)


def _refusal(done: int, total: int, why: str) -> str:
    before = f"前{done}人已办，请在“账号”页筛选“尚未登录”后勾选重新打印账号条；" if done else ""
    return f"{before}第{done + 1}人起的{total - done}人没有办理：{why}"


def _password(seed: str, row: dict[str, Any]) -> str:
    return spelled(hmac.new(bytes.fromhex(seed), str(row["row"]).encode(), hashlib.sha256).digest())


def _key(row: dict[str, Any]) -> str:
    return f"{row['name']}/{row['phone']}" if row["phone"] else str(row["row"])


def _needs_password(row: dict[str, Any], made: dict[str, int]) -> bool:
    return bool(row.get("reset")) or (not row["user_id"] and _key(row) not in made)


def _carry_out(by: Actor, row: dict[str, Any], hashed: str, made: dict[str, int], now: datetime) -> None:
    """One row: the account (new, of an earlier row, or standing already) and its post."""
    pk = row["user_id"] or made.get(_key(row))
    user = User.objects.get(pk=pk) if pk else None
    if user is None:
        taken = User.objects.values_list("username", flat=True)
        username = username_for(row["name"], taken.filter(username__startswith=username_for(row["name"], ())))
        user, _ = create_account(
            by=by, username=username, name=row["name"], phone=row["phone"], hashed=hashed, now=now
        )
        made[_key(row)] = user.pk
    elif row.get("reset"):
        reset_account(by=by, user=user, hashed=hashed, now=now)
        made[_key(row)] = user.pk
    if row["role"]:
        unit = Unit.objects.get(pk=row["unit_id"])
        give_post(by=by, user=user, unit=unit, role=Role(row["role"]), first_day=now.date(), now=now)


def _print(job: Job, order: dict[str, Any], made: dict[str, int], now: datetime) -> dict[str, Any]:
    """The slips as a file for one fetch; rows, seed and passwords are gone from the job with it."""
    slips = _slips(order, made, now)
    if slips:
        pages = [slips[first : first + SLIPS_A_PAGE] for first in range(0, len(slips), SLIPS_A_PAGE)]
        context = {"pages": pages, "site": job.payload["site"], "title": "账号条"}
        content = pdf.render("agencies/print/slips.html", context, base=settings.BASE_DIR / "config" / "static")
        job.file = f"jobs/{job.pk}-{secrets.token_hex(8)}.pdf"
        job.file_name = f"账号条-{now.date().isoformat()}.pdf"
        _keep(Path(settings.MEDIA_ROOT) / job.file, content)
    posts = sum(1 for row in order["rows"] if row["role"])
    text = f"账号条{len(slips)}张，任命岗位{posts}个。" + (
        "账号条只能下载一次，请下载后立即打印、分发，并删除文件。" if slips else "没有新建账号，不需要账号条。"
    )
    job.result = {"text": text, "label": "下载账号条（仅一次）", "url": "/accounts/"}
    job.payload = {"title": job.payload["title"], "once": True}
    job.save(update_fields=["file", "file_name", "result", "payload"])
    return dict(job.result)


def _slips(order: dict[str, Any], made: dict[str, int], now: datetime) -> list[Slip]:
    people = User.objects.in_bulk(list(made.values()))
    posts: dict[int, list[str]] = {}
    for post in Post.objects.filter(current(now.date()), user__in=people).select_related("unit__parent"):
        above = post.unit.parent.label if post.unit.parent else ""
        posts.setdefault(post.user_id, []).append(f"{above} {post.unit.name} {post.get_role_display()}".strip())
    slips: dict[int, Slip] = {}
    for row in order["rows"]:
        pk = made.get(_key(row))
        if pk and pk not in slips:
            user = people[pk]
            slips[pk] = Slip(user.name, user.username, _password(order["seed"], row), "；".join(posts.get(pk, [])))
    return list(slips.values())


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
