"""Imports records from a file: `manage.py import_records people list.csv --user tokyo --dry-run`."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from core.imports import checking, kinds, mapping, running, uploads
from core.imports.encodings import ENCODINGS
from core.imports.models import Import
from core.imports.problems import Problem, in_reader_language
from core.imports.reading import inspect

SHOWN_DUPLICATES = 20


class Command(BaseCommand):
    help = "Import records from a CSV or XLSX file: all rows or none. Prints what it would do, then does it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(kinds.everything()), help="which records")
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", metavar="USERNAME", help="in whose name; by default the only superuser")
        parser.add_argument("--dry-run", action="store_true", help="only check and tell")
        parser.add_argument("--encoding", choices=ENCODINGS, help="default: detected")
        parser.add_argument("--delimiter", help="default: detected")
        parser.add_argument("--sheet", help="of a workbook; default: the first one with a table")
        parser.add_argument(
            "--map", action="append", default=[], metavar="HEADING=CODE",
            help="which column is what, where it is not understood by itself; no code: leave it out",
        )  # fmt: skip
        parser.add_argument(
            "--value", action="append", default=[], metavar="CODE=TEXT", help="one value for all rows, e.g. country=JP"
        )
        parser.add_argument("--duplicates", choices=Import.Duplicates.values, default=Import.Duplicates.SKIP)
        parser.add_argument("--add-missing", action="store_true", help="add organizations that are not known yet")

    def handle(self, *args: Any, **options: Any) -> None:
        user = _user(options["user"])
        with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)), ExitStack() as stack:
            try:
                import_ = self._received(user, options)
                stack.callback(_forget_unless_done, import_)
                self._choose(import_, options)
                preview = checking.check(import_)
            except PermissionDenied:
                raise CommandError(f"{user} may not add {options['kind']}.") from None
            except ValidationError as error:
                raise CommandError("\n".join(error.messages)) from None
            self._tell(import_, preview)
            if preview.problem_count:
                raise CommandError(f"{preview.problem_count} problems. Nothing was stored.")
            if not options["dry_run"]:
                self._run(import_)

    def _received(self, user: Any, options: dict[str, Any]) -> Import:
        try:
            with options["file"].open("rb") as file:
                return uploads.receive(user, options["kind"], File(file, name=options["file"].name))
        except OSError as error:
            raise CommandError(str(error)) from None

    def _choose(self, import_: Import, options: dict[str, Any]) -> None:
        for name in ("encoding", "delimiter", "sheet"):
            if options[name]:
                setattr(import_, name, options[name].replace("\\t", "\t"))
        import_.duplicates, import_.add_missing = options["duplicates"], options["add_missing"]
        import_.values = dict(_pair(text) for text in options["value"])
        import_.save()
        import_.mapping = _mapped(import_, options["map"])
        import_.save()

    def _tell(self, import_: Import, preview: checking.Preview) -> None:
        source = inspect(import_)
        how = f"{source.sheet}" if source.sheet else f"{source.encoding}, {source.delimiter!r}"
        self.stdout.write(f"{import_.file_name} ({source.format}, {how})")
        for heading, code in zip(source.headings, import_.mapping, strict=True):
            self.stdout.write(f"  {heading or '-'}: {code or 'left out'}")
        self.stdout.write(
            f"{preview.rows_total} rows: {preview.to_add} to add, {preview.to_update} to update, "
            f"{preview.to_skip} left alone, {preview.problem_count} problems"
        )
        alone = [row for row in preview.rows if row.effect == "skip" and (row.duplicate_of or row.duplicate_row)]
        for row in alone[:SHOWN_DUPLICATES]:
            self.stdout.write(f"  row {row.number}: same as {row.duplicate_of or f'row {row.duplicate_row}'}")
        for problem in preview.problems:
            self.stderr.write(_line(problem))

    def _run(self, import_: Import) -> None:
        Import.objects.filter(pk=import_.pk).update(status=Import.Status.WAITING)
        running.run(import_.pk)
        import_.refresh_from_db()
        if import_.status != Import.Status.DONE:
            raise CommandError(in_reader_language(import_.failure) or "The import failed. Nothing was stored.")
        self.stdout.write(f"Added {import_.rows_added}, updated {import_.rows_updated} (import {import_.pk}).")


def _line(problem: Problem) -> str:
    where = f"row {problem.row}" + (f", {problem.heading}" if problem.heading else "")
    return f"{where}: {problem.text}"


def _forget_unless_done(import_: Import) -> None:
    """What was only tried leaves nothing behind."""
    import_.refresh_from_db()
    if import_.status != Import.Status.DONE:
        import_.file.delete(save=False)
        import_.delete()


def _user(username: str | None) -> Any:
    users = get_user_model()._default_manager.filter(is_active=True)
    if username is None:
        superusers = list(users.filter(is_superuser=True)[:2])
        if len(superusers) != 1:
            raise CommandError("Say in whose name with --user.")
        return superusers[0]
    user = users.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no active user {username!r}.")
    return user


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not equals:
        raise CommandError(f"{text!r} needs an equals sign.")
    return name.strip(), value.strip()


def _mapped(import_: Import, given: list[str]) -> list[str]:
    headings, found = inspect(import_).headings, mapping.suggest(import_)
    for heading, code in map(_pair, given):
        if heading not in headings:
            raise CommandError(f"The file has no column {heading!r}. Columns: {', '.join(headings)}.")
        found[headings.index(heading)] = code
    return [code if code not in found[:at] else "" for at, code in enumerate(found)]
