"""The page of a background job: progress, result, its file; each for the starter only."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from agencies.actions import jobs
from agencies.choices import JobState
from agencies.models import Job
from agencies.web import actor_of, needs, now, one_or_404


def shown(job: Job) -> dict[str, Any]:
    """What parts/progress.html wants; a job's result may hold `text`, and `url` with `label` of the page to go to."""
    result = job.result
    url = str(result.get("url", ""))
    has_file = job.state == JobState.DONE and bool(job.file)
    return {
        "state": job.state,
        "percent": job.percent,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "text": result.get("text", "") if job.state == JobState.DONE else job.step,
        "result_url": reverse("agencies:job_file", args=[job.pk]) if has_file else url if url.startswith("/") else "",
        "result_label": result.get("label") or ("下载文件" if has_file else "查看结果"),
    }


@needs()
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """A job's page; htmx asks for the progress part alone."""
    row = one_or_404(Job.objects.visible_to(actor_of(request)), pk=pk)
    context = {"job": shown(row), "title": row.payload.get("title", "后台处理"), "poll_url": request.path}
    template = "parts/progress.html" if request.headers.get("HX-Request") else "agencies/job.html"
    return render(request, template, context)


@needs()
def job_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file a job made, for whoever started it."""
    row = one_or_404(Job.objects.visible_to(actor_of(request)), pk=pk)
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / row.file).resolve()
    if not row.file or not path.is_relative_to(root) or not path.is_file():
        raise Http404("这个文件没有生成，或已过保存期（7天）被清除。请重新发起。")
    if row.payload.get("once"):
        content = path.read_bytes()
        jobs.forget_file(by=actor_of(request), job=row, now=now())
        return FileResponse(io.BytesIO(content), as_attachment=True, filename=row.file_name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=row.file_name or path.name)
