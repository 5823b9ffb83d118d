"""Exports records to a file: `manage.py export_records leads --filter stage=new --output leads.csv`."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.datastructures import MultiValueDict

from core import access, resources
from core.exports import FORMATS, HEADERS, Export, csv_chunks, finish_log, start_log, write_xlsx
from core.resources import Resource


class Command(BaseCommand):
    help = "Export records as CSV or XLSX: all of them, or those that a user may export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(resources.everything()), help="which records")
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="as in the API, e.g. stage=new; may be repeated",
        )
        parser.add_argument("--output", metavar="FILE", help="default: the standard output")
        parser.add_argument("--format", choices=FORMATS, default="csv")
        parser.add_argument("--headers", choices=HEADERS, default="labels", help="for people, or for programs")
        parser.add_argument("--user", metavar="USERNAME", help="only what this user may export, in their language")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        user = _reader(options["user"])
        resource = resources.get(options["kind"])
        if not access.may(user, "export", resource.model):
            raise CommandError(f"{user} may not export {resource.slug}.")
        language = options["language"] or getattr(user, "language", settings.LANGUAGE_CODE)
        zone = ZoneInfo(getattr(user, "time_zone", settings.TIME_ZONE))
        with translation.override(language), timezone.override(zone):
            queryset = _records(resource, user, _parameters(resource, options["filter"]))
            export = Export(resource, queryset, user, resource.columns.listed(), options["headers"])
            self._write(export, options)
        if not export.complete:
            raise CommandError("The export broke off; the file is not complete.")

    def _write(self, export: Export, options: dict[str, Any]) -> None:
        log = start_log(export, options["format"], {"filter": options["filter"]}, str(export.user))
        try:
            if options["output"]:
                _write_file(Path(options["output"]), export, options["format"])
            else:
                self.stdout.flush()
                _write_to(sys.stdout.buffer, export, options["format"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        finish_log(log, export)


def _reader(username: str | None) -> Any:
    if username is None:
        return access.SYSTEM
    user = get_user_model()._default_manager.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.")
    return user


def _parameters(resource: Resource, filters: Iterable[str]) -> MultiValueDict[str, str]:
    """A mistyped filter must not silently export everything."""
    parameters: MultiValueDict[str, str] = MultiValueDict()
    known = resource.filterset.base_filters
    for text in filters:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            raise CommandError(f"{text!r} is not a filter of {resource.slug}. Filters: {', '.join(sorted(known))}.")
        parameters.appendlist(name, value)
    return parameters


def _records(resource: Resource, user: Any, parameters: MultiValueDict[str, str]) -> Any:
    request = HttpRequest()
    request.user = user
    try:
        return resource.ordered(resource.filtered(request, parameters, "export"))
    except ValidationError as error:
        messages = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
        raise CommandError("; ".join(messages)) from error


def _write_file(path: Path, export: Export, file_format: str) -> None:
    """Under another name until it is complete: whoever waits for the file never finds half of it."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with ExitStack() as stack:
        stack.callback(unfinished.unlink, missing_ok=True)
        with unfinished.open("wb") as file:
            _write_to(file, export, file_format)
        if export.complete:
            unfinished.replace(path)


def _write_to(file: BinaryIO, export: Export, file_format: str) -> None:
    if file_format == "csv":
        for chunk in csv_chunks(export):
            file.write(chunk)
        return
    with TemporaryFile() as seekable:  # the standard output may be a pipe, and a zip file needs to seek
        write_xlsx(export, seekable)
        seekable.seek(0)
        while chunk := seekable.read(2**20):
            file.write(chunk)
