"""All addresses of the product."""

from django.urls import include, path

from agencies.views.home import home

handler400 = "agencies.views.errors.bad_request"
handler403 = "agencies.views.errors.forbidden"
handler404 = "agencies.views.errors.not_found"
handler500 = "agencies.views.errors.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("agencies.urls")),
    path("", include("students.urls")),
    path("", include("cases.urls")),
    path("", include("notices.urls")),
]
