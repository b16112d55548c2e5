"""Addresses of students."""

from django.urls import path

from students.views import roll, school_roll

app_name = "students"
urlpatterns = [
    path("roll/", roll.roll_mine, name="roll_mine"),
    path("roll/<int:class_id>/", roll.roll_class, name="roll_class"),
    path("roll/<int:class_id>/extra/", roll.roll_extra, name="roll_extra"),
    path("schools/<int:school_id>/roll/", school_roll.roll_school, name="roll_school"),
    path("schools/<int:school_id>/roll/suggest/", school_roll.roll_suggest, name="roll_suggest"),
    path("schools/<int:school_id>/roll/mark/", school_roll.roll_mark, name="roll_mark"),
    path("schools/<int:school_id>/roll/unmark/", school_roll.roll_unmark, name="roll_unmark"),
    path("schools/<int:school_id>/roll/confirm/", school_roll.roll_confirm, name="roll_confirm"),
]
