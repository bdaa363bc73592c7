#!/usr/bin/env python
"""Glasshouse's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from config import installation


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["up"]:
        installation.prepare(os.environ)  # the settings refuse an installation without its secrets
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
