"""Addresses of notices."""

from django.urls import path

from notices.views import ledgers, letters, papers, register, reports, scans, seals, service

app_name = "notices"
urlpatterns = [
    path("cases/<int:pk>/papers/", papers.case_papers, name="case_papers"),
    path("cases/<int:pk>/papers/<str:kind>/", papers.draft, name="draft"),
    path("papers/", register.register, name="register"),
    path("papers/sign/", register.sign, name="sign"),
    path("papers/reports/", reports.reports, name="reports"),
    path("papers/reports/<int:pk>/pdf/", reports.report_pdf, name="report_pdf"),
    path("papers/reports/<int:pk>/finish/", reports.report_finish, name="report_finish"),
    path("papers/<int:pk>/", papers.notice, name="notice"),
    path("papers/<int:pk>/issue/", papers.issue, name="issue"),
    path("papers/<int:pk>/void/", papers.void, name="void"),
    path("papers/<int:pk>/pdf/", papers.pdf, name="pdf"),
    path("papers/<int:pk>/scan/", scans.scan, name="scan"),
    path("papers/<int:pk>/serve/", service.serve, name="serve"),
    path("papers/<int:pk>/receive/", service.receive, name="receive"),
    path("papers/<int:pk>/letter/<str:kind>/", letters.letter, name="letter"),
    path("papers/<int:pk>/seal/", seals.seal, name="seal"),
    path("seals/", seals.seals, name="seals"),
    path("seals/file/", seals.seals_file, name="seals_file"),
    path("seals/<int:pk>/strike/", seals.strike, name="seal_strike"),
    path("services/<int:pk>/withdraw/", service.service_withdraw, name="service_withdraw"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/<str:key>/", ledgers.ledger, name="ledger"),
    path("ledgers/<str:key>/<str:form>/", ledgers.ledger_file, name="ledger_file"),
]
