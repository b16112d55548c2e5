"""The pages of an import: list, upload, what the check found, writing, taking back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.choices import Permission
from agencies.web import actor_of, needs, now, one_or_404, page_of, today
from students.actions import imports
from students.actions.imports import BUSY, ImportRefusedError
from students.imports.sheets import faulty_workbook, template_workbook
from students.imports.upload import ImportStart, ImportUpload, read_answers, read_places
from students.models import ImportBatch
from students.queries.imports import faulty_rows, target_units
from students.views.import_page import ImportPage, shown_batch
from students.web import is_part

MAY = Permission.IMPORT_CHILDREN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    return one_or_404(ImportBatch.objects.visible_to(actor_of(request), MAY).select_related("unit"), pk=pk)


@needs(MAY)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Imports into the schools in reach, newest first."""
    batches = ImportBatch.objects.visible_to(actor_of(request), MAY).select_related("unit").defer("mistakes")
    page = page_of(request, batches, size=30, newest_first=True)
    rows = [shown_batch(batch) for batch in page.rows]
    return render(request, "students/imports.html", {"rows": rows, "page": page})


@needs(MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The upload; what is wrong with the content the check says."""
    actor = actor_of(request)
    form = ImportUpload(request.POST or None, request.FILES or None, units=target_units(actor))
    if request.method != "POST":
        return render(request, "students/import_new.html", {"form": form})
    if not form.is_valid():
        return render(request, "students/import_new.html", {"form": form}, status=400)
    file = form.cleaned_data["file"]
    batch = imports.open_import(
        by=actor, unit=form.chosen, file_name=file.name, content=file.chunks(), now=now()
    )  # fmt: skip
    return redirect("students:import", batch.pk)


@needs(MAY)
@require_safe
def template(request: HttpRequest) -> HttpResponseBase:
    """The empty sheet with its 71 heads and the lists of options."""
    return FileResponse(template_workbook(), as_attachment=True, filename="学籍信息表模板.xlsx", content_type=XLSX)


@needs(MAY)
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import; while a job works on it, htmx asks for the progress and at its end for the whole page."""
    page = ImportPage(request, _batch(request, pk))
    if not is_part(request):
        return render(request, "students/import.html", page.context())
    if page.working:
        return render(request, "parts/progress.html", page.progress())
    answer = HttpResponse()
    answer["HX-Refresh"] = "true"
    return answer


@needs(MAY)
@require_safe
def faulty(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The faulty rows as a workbook, what is wrong beside them."""
    batch = _batch(request, pk)
    target = faulty_workbook(faulty_rows(batch), unit_name=batch.unit.name)
    return FileResponse(target, as_attachment=True, filename=f"有误行-{batch.pk}.xlsx", content_type=XLSX)


@needs(MAY)
@require_POST
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Which child an uncertain row is about."""
    batch = _batch(request, pk)
    given = read_answers(request.POST)
    if not given:
        messages.error(request, "还没有选择。请为每一行选定是哪名学生，或选“新学生”。")
        return _again(request, batch)
    return _do(
        request, batch, lambda: imports.check_again(by=actor_of(request), batch=batch, answers=given, now=now())
    )


@needs(MAY)
@require_POST
def classes(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the ticked ones of the missing classes."""
    batch = _batch(request, pk)
    chosen = read_places(request.POST)
    if not chosen:
        messages.error(request, "还没有勾选班级。")
        return _again(request, batch)
    return _do(
        request, batch, lambda: imports.make_classes(by=actor_of(request), batch=batch, chosen=chosen, now=now())
    )


@needs(MAY)
@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Start writing."""
    batch = _batch(request, pk)
    form = ImportStart(request.POST, today=today())
    if not form.is_valid():
        return render(request, "students/import.html", ImportPage(request, batch, form).context(), status=400)
    sent = form.cleaned_data
    return _do(
        request,
        batch,
        lambda: imports.start_apply(
            by=actor_of(request), batch=batch, partly=sent["partly"], first_day=sent["first_day"], now=now()
        ),
    )


@needs(MAY)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Start taking it back."""
    batch = _batch(request, pk)
    return _do(request, batch, lambda: imports.start_undo(by=actor_of(request), batch=batch, now=now()))


@needs(MAY)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on where a job was given up."""
    batch = _batch(request, pk)
    return _do(request, batch, lambda: imports.resume(by=actor_of(request), batch=batch, now=now()))


def _do(request: HttpRequest, batch: ImportBatch, act: Callable[[], object]) -> HttpResponse:
    """Call an action; a refusal is a sentence on the page of the import, with status 400."""
    try:
        act()
    except ImportRefusedError as error:
        messages.error(request, str(error))
        return _again(request, batch)
    return redirect("students:import", batch.pk)


def _again(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    batch.refresh_from_db()
    status = 409 if batch.state in BUSY else 400
    return render(request, "students/import.html", ImportPage(request, batch).context(), status=status)
