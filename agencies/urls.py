"""Addresses of agencies: signing in, people, units, calendars, plans, duties of units, the audit trail, jobs."""

from django.urls import path

from agencies.views import accounts, audit, calendars, jobs, login, mergers, policies, posts, unit_duties, units

app_name = "agencies"
urlpatterns = [
    path("login/", login.sign_in, name="login"),
    path("login/demo/", login.demo_sign_in, name="demo_login"),
    path("logout/", login.sign_out, name="logout"),
    path("password/", login.change_password, name="password"),
    path("accounts/", accounts.index, name="accounts"),
    path("accounts/bulk/", accounts.account_bulk, name="account_bulk"),
    path("accounts/slips/", accounts.account_slips, name="account_slips"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("posts/", posts.index, name="posts"),
    path("posts/new/", posts.post_new, name="post_new"),
    path("posts/<int:pk>/end/", posts.post_end, name="post_end"),
    path("deputy/", posts.deputy, name="deputy"),
    path("hand-over/", posts.hand_over, name="hand_over"),
    path("units/", units.index, name="units"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/merge/", mergers.merge, name="unit_merge"),
    path("units/<int:pk>/move/", mergers.move, name="unit_move"),
    path("calendar/", calendars.index, name="calendar"),
    path("calendar/<int:pk>/remove/", calendars.calendar_remove, name="calendar_remove"),
    path("policies/", policies.index, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("unit-duties/", unit_duties.index, name="unit_duties"),
    path("unit-duties/overview/", unit_duties.overview, name="unit_duties_overview"),
    path("unit-duties/<int:pk>/<slug:key>/", unit_duties.record, name="unit_duty_record"),
    path("unit-duties/records/<int:pk>/", unit_duties.supersede, name="unit_duty_supersede"),
    path("audit/", audit.index, name="audit"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
]
