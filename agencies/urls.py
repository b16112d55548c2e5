"""Addresses of agencies: signing in, people, units, calendars, jobs."""

from django.urls import path

from agencies.views import jobs, login

app_name = "agencies"
urlpatterns = [
    path("login/", login.sign_in, name="login"),
    path("login/demo/", login.demo_sign_in, name="demo_login"),
    path("logout/", login.sign_out, name="logout"),
    path("password/", login.change_password, name="password"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
]
