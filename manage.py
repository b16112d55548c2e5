#!/usr/bin/env python3
"""Run Django's commands with the project's settings."""

import os
import secrets
import sys

from django.core.management import execute_from_command_line

from config.env import BadSettingError

# These read a county folder and no record: they need no keys of a real installation.
WITHOUT_KEYS = {"check_county", "rehearse", "write_rulebook"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if WITHOUT_KEYS & set(sys.argv[1:2]):
        os.environ.setdefault("BAOXUE_SECRET_KEY", secrets.token_urlsafe(50))
        os.environ.setdefault("BAOXUE_DATA_KEY", secrets.token_urlsafe(50))
    try:
        execute_from_command_line(sys.argv)
    except BadSettingError as error:
        sys.exit(f"{error} See config/production.env.example. 缺少设置，请对照 config/production.env.example 补上。")
