"""Addresses of students."""

from django.urls import path

from students.views import roll

app_name = "students"
urlpatterns = [
    path("roll/", roll.roll_mine, name="roll_mine"),
    path("roll/<int:class_id>/", roll.roll_class, name="roll_class"),
    path("roll/<int:class_id>/extra/", roll.roll_extra, name="roll_extra"),
]
