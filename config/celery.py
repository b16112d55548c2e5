"""Celery carries job ids in production; the work itself is in the job table."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("baoxue")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["agencies"])
