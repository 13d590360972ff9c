#!/usr/bin/env python
"""Run Anliegen's administrative commands."""

import os
import sys

from django.core.management import execute_from_command_line

from helpdesk.project.options import apply_to_environment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
    if sys.argv[1:2] == ["serve"]:
        apply_to_environment(sys.argv[2:])
    execute_from_command_line(sys.argv)
