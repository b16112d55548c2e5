"""Addresses of cases."""

from django.urls import path

from cases.views import (
    case,
    closing,
    dashboard,
    events,
    figure_lists,
    moving,
    old,
    plan_paper,
    proofs,
    queue,
    rehearsal,
    support_plan,
    work,
)

app_name = "cases"
urlpatterns = [
    path("today/", work.work, name="work"),
    path("cases/", queue.queue, name="queue"),
    path("cases/filters/", queue.filter_save, name="filter_save"),
    path("cases/filters/<int:pk>/remove/", queue.filter_remove, name="filter_remove"),
    path("cases/old/", old.old_new, name="old_new"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/events/<str:kind>/", events.event_new, name="event_new"),
    path("cases/<int:pk>/close/", closing.close, name="close"),
    path("cases/<int:pk>/plan/", support_plan.plan, name="plan"),
    path("cases/<int:pk>/plan/pdf/", plan_paper.plan_pdf, name="plan_pdf"),
    path("cases/<int:pk>/plan/edit/", support_plan.plan_edit, name="plan_edit"),
    path("cases/<int:pk>/plan/done/", support_plan.measure_done, name="measure_done"),
    path("cases/<int:pk>/assign/", case.assign, name="assign"),
    path("events/<int:pk>/supersede/", events.event_supersede, name="event_supersede"),
    path("students/<int:pk>/begin/<str:kind>/", old.begin, name="begin"),
    path("events/<int:pk>/proofs/", proofs.event_proofs, name="event_proofs"),
    path("policies/adopted/<int:pk>/move/", moving.move, name="move"),
    path("rehearsal/", rehearsal.rehearsal, name="rehearsal"),
    path("rehearsal/file/", rehearsal.rehearsal_file, name="rehearsal_file"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/term/", dashboard.dashboard_term, name="dashboard_term"),
    path("dashboard/<slug:key>/", figure_lists.figure_list, name="figure_list"),
]
