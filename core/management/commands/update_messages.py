"""Brings the catalogues of translations up to the texts of the code. Needs neither GNU gettext nor a database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core import catalogs


class Command(BaseCommand):
    help = "Collect the texts of code and templates into locale/, keeping the translations that exist."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        messages = catalogs.extract(settings.ROOT)
        for locale in catalogs.locales():
            path = catalogs.path_of(locale)
            catalog = catalogs.renewed(messages, locale)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(catalogs.as_po(catalog, locale))
            missing = sum(1 for _problem in catalogs.problems(messages, locale))
            self.stdout.write(f"{locale}: {len(messages)} texts, {missing} to translate or check")
