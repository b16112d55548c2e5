"""Serve the project through WSGI."""

import os

from django.core.wsgi import get_wsgi_application

from config.memory import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
keep_what_is_loaded()
