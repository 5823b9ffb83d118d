"""Fails when a text of the code is not completely translated. Needs no database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import catalogs


class Command(BaseCommand):
    help = "Check that every text of code and templates is translated, not fuzzy, and keeps its placeholders."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        messages = catalogs.extract(settings.ROOT)
        found = [problem for locale in catalogs.locales() for problem in catalogs.problems(messages, locale)]
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} translations are missing or wrong. See `make messages`.")
        self.stdout.write(f"{len(messages)} texts are translated into {', '.join(catalogs.locales())}.")
