"""Compiles the translations that changed. Needs neither GNU gettext nor a database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.catalogs import compile_file


class Command(BaseCommand):
    help = "Compile the translations (locale/*/LC_MESSAGES/*.po) that are newer than their compiled files."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for path in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                if compile_file(path) and options["verbosity"]:
                    self.stdout.write(f"compiled {path.relative_to(folder)}")
