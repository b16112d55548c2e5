"""The Celery application: it carries job ids in production; the work itself is in the job table."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("baoxue")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ("config.tasks",)
# Beat only asks every five minutes what is due: the timetable itself stands in config.jobs, once.
app.conf.beat_schedule = {"due": {"task": "config.tasks.tick", "schedule": crontab(minute="*/5")}}
