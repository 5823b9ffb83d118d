"""Removes old entries of the change history, where law or policy asks for it. The only way to remove any."""

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.audit import clear_before


class Command(BaseCommand):
    help = "Removes the entries of the change history before a day; those of the last 365 days are kept in any case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before", required=True, type=datetime.date.fromisoformat, help="a day, such as 2016-01-01"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        midnight = datetime.datetime.combine(options["before"], datetime.time.min, datetime.UTC)
        try:
            count = clear_before(midnight)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} entries removed")
