"""Records leave as CSV or XLSX: streamed, complete, in the reader's language and time zone, and logged.

Which records and which fields is decided elsewhere (FilterSet, `core.columns`); here they become a file. The cells of
both formats are made in `core.export_cells`.
"""

import codecs
import contextlib
import hashlib
import logging
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import access
from core.columns import Column
from core.export_cells import exportable, heading
from core.export_lines import line, portions
from core.export_workbook import check_size, write_workbook
from core.exports_log import ExportLog
from core.files import attachment
from core.resources import Resource

logger = logging.getLogger(__name__)

FORMATS = ("csv", "xlsx")
HEADERS = ("labels", "codes")
Chunks = Generator[bytes, None, None]
CHUNK_BYTES = 64 * 1024
IN_MEMORY = 2**20
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass
class Export:
    """One file in the making. `rows` counts what was written; `complete` is set after the last row."""

    resource: Resource
    queryset: Any
    user: Any
    columns: Sequence[Column]
    headers: str = "labels"
    rows: int = field(default=0, init=False)
    size: int = field(default=0, init=False)
    complete: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._digest = hashlib.sha256()
        if self.headers not in HEADERS:
            raise ValueError(f"headers must be one of {HEADERS}, not {self.headers!r}")
        self.columns = exportable(self.columns)

    def passed(self, data: bytes) -> bytes:
        """Counts these bytes of the file, by which it is recognised later."""
        self._digest.update(data)
        self.size += len(data)
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of the file so far, in hexadecimal digits."""
        return self._digest.hexdigest()

    def cells(self) -> Iterator[list[Any]]:
        """The values of each row, counted."""
        for _pk, cells in self.resource.columns.rows(self.queryset, self.user, self.columns):
            yield cells
            self.rows += 1


def csv_chunks(export: Export) -> Chunks:
    """The file in pieces of about 64 kB, UTF-8 with BOM. If reading breaks off, the last line says so."""
    buffer = bytearray(codecs.BOM_UTF8)
    buffer += line(heading(column, export.headers) for column in export.columns)
    try:
        with snapshot():
            for data, rows in portions(export):
                buffer += data
                export.rows += rows
                if len(buffer) >= CHUNK_BYTES:
                    yield export.passed(bytes(buffer))
                    buffer.clear()
    except Exception:  # whatever went wrong: the status line is long gone, so the file itself must tell
        logger.exception("The export of %s broke off after %d rows", export.resource.slug, export.rows)
        buffer += line([incomplete_mark()])
    else:
        export.complete = True
    yield export.passed(bytes(buffer))


def incomplete_mark() -> str:
    return "# INCOMPLETE: " + _("The export broke off here. Rows are missing; please export again.")


def write_xlsx(export: Export, file: Any) -> None:
    """Writes the workbook to a file, which is read again. Raises ValidationError if a sheet cannot hold the rows."""
    with snapshot():
        check_size(export.queryset)
        title = label(export.resource)
        write_workbook(file, title, export.columns, export.headers, export.cells())
    file.seek(0)
    while data := file.read(IN_MEMORY):
        export.passed(data)
    file.seek(0)
    export.complete = True


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """All queries inside see the same state of the database, as far as that costs others nothing.

    PostgreSQL: a read-only REPEATABLE READ transaction, in which the server-side cursor streams from the first row. A
    slow reader may keep it open longer than other transactions may idle. SQLite: nothing, an open SELECT is already
    a snapshot, and a transaction would take the lock of the one writer.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        cursor.execute("SET LOCAL DateStyle = 'ISO'; SET LOCAL TimeZone = 'UTC'")
        cursor.execute("SET LOCAL jit = off")  # compiling takes longer than it saves
        cursor.execute("SET LOCAL work_mem = '32MB'")  # long lists are sorted in memory, not in files
        yield


def spooled(chunks: Chunks) -> Chunks:
    """On SQLite the file is finished first: until the query ends nobody can write, and a download may be slow."""
    if connection.vendor != "sqlite":
        yield from chunks
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for chunk in chunks:
            file.write(chunk)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def localized(chunks: Chunks, language: str, zone: tzinfo) -> Chunks:
    """Produces each chunk in this language and time zone, and leaves the thread as it was between chunks.

    The middleware's own override has ended by the time the body is sent.
    """
    with contextlib.closing(chunks):
        while True:
            with translation.override(language), timezone.override(zone):
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk


def label(resource: Resource) -> str:
    """What the records are called, in the active language."""
    return str(resource.model._meta.verbose_name_plural) if resource.within is None else resource.slug


def file_name(stem: str, extension: str) -> str:
    """`leads-2026-11-22.csv`, dated by the reader's calendar."""
    return f"{slugify(stem, allow_unicode=True) or 'export'}-{timezone.localdate().isoformat()}.{extension}"


def start_log(export: Export, file_format: str, parameters: Any, user_name: str) -> ExportLog:
    """The entry, before the first row leaves: also a download that breaks off has shown data."""
    return ExportLog.objects.create(
        user=export.user if getattr(export.user, "pk", None) else None,
        user_name=user_name,
        resource=export.resource.slug,
        format=file_format,
        parameters=parameters,
        columns=[column.code for column in export.columns],
    )


def finish_log(log: ExportLog, export: Export) -> None:
    rows = export.rows if export.complete else None
    ExportLog.objects.filter(pk=log.pk).update(rows=rows, size=export.size, digest=export.digest)


def _logged(chunks: Chunks, log: ExportLog, export: Export) -> Chunks:
    yield from chunks
    finish_log(log, export)


def export_response(
    request: HttpRequest,
    resource: Resource,
    queryset: Any,
    columns: Sequence[Column],
    format: str,  # noqa: A002  the name of the parameter in addresses
    headers: str = "labels",
) -> StreamingHttpResponse | FileResponse:
    """The download of `queryset`, which the caller has filtered, ordered and scoped with the action `export`.

    Raises PermissionDenied without the right to export, ValidationError if the format cannot hold the rows.
    """
    if not access.may(request.user, "export", resource.model):
        raise PermissionDenied
    export = Export(resource, queryset, request.user, columns, headers)
    log = start_log(export, format, _parameters(request), str(request.user))
    body = {"csv": _csv_response, "xlsx": _xlsx_response}[format]
    response = body(export, log)
    response["Content-Disposition"] = attachment(file_name(label(resource), format), file_name(resource.slug, format))
    response["Cache-Control"] = "private, no-store"
    return response


def _parameters(request: HttpRequest) -> dict[str, Any]:
    """The query of the address, as it can be stored."""
    lists = ((name, [value.replace("\x00", "\ufffd") for value in values]) for name, values in request.GET.lists())
    return {name.replace("\x00", "\ufffd"): values if len(values) > 1 else "".join(values) for name, values in lists}


def _csv_response(export: Export, log: ExportLog) -> StreamingHttpResponse:
    chunks = _logged(spooled(csv_chunks(export)), log, export)
    body = localized(chunks, translation.get_language() or "en", timezone.get_current_timezone())
    return StreamingHttpResponse(body, content_type=CONTENT_TYPES["csv"])


def _xlsx_response(export: Export, log: ExportLog) -> FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it, and then it is gone
    try:
        write_xlsx(export, file)
    except BaseException:
        file.close()
        raise
    finish_log(log, export)
    return FileResponse(file, content_type=CONTENT_TYPES["xlsx"])
