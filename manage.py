#!/usr/bin/env python
"""Glasshouse's command line: `manage.py up` runs the installation, everything else is a Django command."""

import os
import sys


def main() -> None:
    if sys.argv[1:] == ["up"]:
        from config import supervisor  # it loads Django itself, once the installation is known to be sound

        sys.exit(supervisor.main())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
