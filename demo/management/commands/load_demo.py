"""Loads the Tokyo conference, the company directory and the sample pipeline."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from demo import users
from demo.directory import load_directory
from demo.files import load_conference, load_sample
from demo.known import Known


class Command(BaseCommand):
    help = "Loads the demo: users, the Tokyo conference, a company directory and sample records. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="print nothing, not even the passwords")

    def handle(self, *args: Any, quiet: bool, **options: Any) -> None:
        with transaction.atomic():
            users.load_users()
            known = Known()
            load_conference(known)
            load_directory(known)
            load_sample(known)
        if not quiet:
            self.stdout.write(f"Demo: {known.added} records added." if known.added else "Demo: everything is there.")
            self.stdout.write("\n".join(["", *users.table()]))
