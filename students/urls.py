"""Addresses of students."""

from django.urls import path

from students.views import child, corrections, home, imports, leave, proofs, roll, school_roll, search, visits

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
    path("leave/new/", leave.leave_new, name="leave_new"),
    path("leave/<int:pk>/end/", leave.leave_end, name="leave_end"),
    path("leave/<int:pk>/proofs/", leave.leave_proofs, name="leave_proofs"),
    path("proofs/<int:pk>/", proofs.proof, name="proof"),
    path("proofs/<int:pk>/small/", proofs.proof_small, name="proof_small"),
    path("proofs/<int:pk>/withdraw/", proofs.proof_withdraw, name="proof_withdraw"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/<int:pk>/", corrections.correction, name="correction"),
    path("students/", search.search, name="search"),
    path("students/<int:pk>/", child.child, name="child"),
    path("students/<int:pk>/reveal/", child.child_reveal, name="reveal"),
    path("students/<int:pk>/home/", home.home, name="home"),
    path("students/<int:pk>/household/", home.household, name="household"),
    path("students/<int:pk>/siblings/", home.siblings, name="siblings"),
    path("students/<int:pk>/guardians/new/", home.guardian_new, name="guardian_new"),
    path("guardians/<int:pk>/", home.guardian, name="guardian"),
    path("guardians/<int:pk>/end/", home.guardian_end, name="guardian_end"),
    path("homes/", home.homes, name="homes"),
    path("home-teaching/", visits.home_teaching, name="home_teaching"),
    path("students/<int:pk>/visits/new/", visits.visit_new, name="visit_new"),
    path("visits/<int:pk>/supersede/", visits.visit_supersede, name="visit_supersede"),
    path("visits/<int:pk>/proofs/", visits.visit_proofs, name="visit_proofs"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.new, name="import_new"),
    path("imports/template/", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.detail, name="import"),
    path("imports/<int:pk>/faulty/", imports.faulty, name="import_faulty"),
    path("imports/<int:pk>/answers/", imports.answers, name="import_answers"),
    path("imports/<int:pk>/classes/", imports.classes, name="import_classes"),
    path("imports/<int:pk>/apply/", imports.apply, name="import_apply"),
    path("imports/<int:pk>/undo/", imports.undo, name="import_undo"),
    path("imports/<int:pk>/resume/", imports.resume, name="import_resume"),
]
