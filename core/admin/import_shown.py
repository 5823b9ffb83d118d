"""What the pages of an import show: where it stands, the preview, the problems as a file, what came of the rows."""

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.formats import date_format, localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access
from core.admin.links import record_url
from core.imports import running
from core.imports.checking import Preview, PreviewRow
from core.imports.encodings import NOT_DECODED
from core.imports.models import Import, ImportedRecord
from core.imports.problems import in_reader_language
from core.imports.reading import Source
from core.panels import Badge
from core.records import Record
from core.spreadsheet_text import make_inert

Status = Import.Status
WORKING = (Status.CHECKING, Status.WAITING, Status.RUNNING, Status.UNDOING)
FINISHED = (Status.DONE, Status.UNDONE)
TONES = {
    Status.CHECKING: "blue", Status.CHECKED: "blue", Status.WAITING: "blue", Status.RUNNING: "blue",
    Status.UNDOING: "blue", Status.DONE: "green", Status.FAILED: "red",
}  # fmt: skip
EFFECTS = {
    "add": (gettext_lazy("Add"), "green"),
    "update": (gettext_lazy("Update"), "blue"),
    "skip": (gettext_lazy("Already there"), "neutral"),
    "problem": (gettext_lazy("Problem"), "red"),
}
MOST_COLUMNS, MOST_ROWS = 50, 10  # of the first rows: enough to see whether they read well


@dataclass(frozen=True)
class Tile:
    """A number with its name; the tone shows where the number is not 0."""

    label: str
    count: int
    tone: str = ""


def state(import_: Import) -> Badge:
    """Where the import stands, in a word."""
    if import_.status == Status.CHECKED and import_.problem_count:
        count = import_.problem_count
        text = ngettext("%(count)s problem", "%(count)s problems", count) % {"count": localize(count)}
        return Badge(text, "amber")
    return Badge(str(import_.get_status_display()), TONES.get(Status(import_.status), "neutral"))


# -- the first rows ----------------------------------------------------------------------------------------------------


def readable(value: Any) -> str:
    """A cell of a file as it is shown: bytes that make no sense as the sign for that."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()  # spreadsheets know no dates without a time
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace(NOT_DECODED, "\ufffd").strip()


def first_rows(source: Source) -> dict[str, Any]:
    """The beginning of the file as a table."""
    return {
        "headings": [readable(heading) for heading in source.headings[:MOST_COLUMNS]],
        "rows": [
            {"number": number, "cells": [readable(cell) for cell in cells[:MOST_COLUMNS]]}
            for number, cells in source.rows[:MOST_ROWS]
        ],
        "more_columns": max(len(source.headings) - MOST_COLUMNS, 0),
    }


def misread(source: Source) -> str:
    """Says that the file is hardly in this character set, and in which row it shows first."""
    if not any(reading.errors for reading in source.encodings if reading.encoding == source.encoding):
        return ""
    for number, cells in source.rows:
        if any(NOT_DECODED in cell for cell in cells if isinstance(cell, str)):
            text = _("Row %(row)s cannot be read in this character set. Try another one.")
            return text % {"row": localize(number)}
    return _("Parts of the file cannot be read in this character set. Try another one.")


def samples(source: Source, index: int, most: int = 2) -> list[str]:
    """The first values of a column that are not empty, each once."""
    values = (readable(cells[index]) for _number, cells in source.rows if index < len(cells))
    return list(dict.fromkeys(value for value in values if value))[:most]


# -- the preview -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    id: str
    label: str
    value: str
    messages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ShownRow:
    number: int
    badge: Badge
    cells: list[Cell]
    messages: list[str]  # those of the row as a whole
    duplicate: dict[str, str] | None

    @property
    def has_problems(self) -> bool:
        return bool(self.messages) or any(cell.messages for cell in self.cells)


def columns_shown(import_: Import, headings: Sequence[str]) -> list[tuple[int, str]]:
    """(index in the file, heading) of the columns that come in, in the order of the file."""
    return [(index, readable(heading)) for index, heading in enumerate(headings) if _is_mapped(import_, index)]


def _is_mapped(import_: Import, index: int) -> bool:
    return index < len(import_.mapping) and bool(import_.mapping[index])


def shown_row(row: PreviewRow, columns: Iterable[tuple[int, str]]) -> ShownRow:
    shown = list(columns)
    at_cells = {index for index, _heading in shown}
    messages = [problem.text for problem in row.problems if problem.column not in at_cells]
    cells = [_cell(row, index, heading) for index, heading in shown]
    return ShownRow(row.number, Badge(*map(str, EFFECTS[row.effect])), cells, messages, _duplicate(row))


def _cell(row: PreviewRow, index: int, heading: str) -> Cell:
    value = row.cells[index] if index < len(row.cells) else ""
    messages = [problem.text for problem in row.problems if problem.column == index]
    return Cell(f"cell-{row.number}-{index}", heading, readable(value), messages)


def _duplicate(row: PreviewRow) -> dict[str, str] | None:
    if row.duplicate_row:
        label = _("the same as row %(row)s") % {"row": localize(row.duplicate_row)}
        return {"label": label, "url": ""}
    if row.duplicate_of:
        return {"label": row.duplicate_of, "url": row.duplicate_url}
    return None


def preview_tiles(preview: Preview) -> list[Tile]:
    return [
        Tile(_("To add"), preview.to_add, "green"),
        Tile(_("Already there"), preview.to_skip),
        Tile(_("To update"), preview.to_update, "blue"),
        Tile(_("Problems"), preview.problem_count, "red"),
    ]


def how_many_shown(preview: Preview) -> str:
    """Of a long file the page shows the beginning, and the rows with problems."""
    if len(preview.rows) >= preview.rows_total:
        return ""
    text = _("The first rows, and those with problems: %(shown)s of %(total)s.")
    return text % {"shown": localize(len(preview.rows)), "total": localize(preview.rows_total)}


def start_label(preview: Preview) -> str:
    count = preview.to_add + preview.to_update
    return ngettext("Import %(count)s row", "Import %(count)s rows", count) % {"count": localize(count)}


class _Lines:
    """What `csv.writer` writes to: each line is handed on at once."""

    def write(self, line: str) -> str:
        return line


def problem_lines(problems: Iterable[Any], left_out: int) -> Iterator[str]:
    """The problems as CSV, with a BOM, harmless in a spreadsheet."""
    write = csv.writer(_Lines()).writerow
    yield "\ufeff"
    yield write([_("Row"), _("Column"), _("Problem")])
    for problem in problems:
        yield write([problem.row or "", make_inert(problem.heading), make_inert(problem.text)])
    if left_out:
        text = ngettext("and %(count)s more problem", "and %(count)s more problems", left_out)
        yield write(["", "", text % {"count": localize(left_out)}])


# -- work and result ---------------------------------------------------------------------------------------------------

WORK = {
    Status.CHECKING: gettext_lazy("The rows are being checked"),
    Status.WAITING: gettext_lazy("The import is about to start"),
    Status.RUNNING: gettext_lazy("The rows are being imported"),
    Status.UNDOING: gettext_lazy("The import is being undone"),
}


def work(import_: Import) -> dict[str, Any]:
    """How far the work has come. A total of 0 is not known yet."""
    done, total = running.progress(import_)
    title = str(WORK.get(Status(import_.status), import_.get_status_display()))
    return {"title": title, "done": done, "total": total, "text": _how_far(done, total)}


def _how_far(done: int, total: int) -> str:
    if total:
        return _("%(done)s of %(total)s rows") % {"done": localize(done), "total": localize(total)}
    return ngettext("%(count)s row", "%(count)s rows", done) % {"count": localize(done)} if done else ""


def result_tiles(import_: Import) -> list[Tile]:
    return [
        Tile(_("Added"), import_.rows_added, "green"),
        Tile(_("Updated"), import_.rows_updated, "blue"),
        Tile(_("Already there"), import_.rows_skipped),
    ]


@dataclass(frozen=True)
class Outcome:
    title: str
    text: str = ""
    tone: str = ""
    icon: str = "info"


def outcome(import_: Import) -> Outcome:
    """How the import ended, in words."""
    why = in_reader_language(import_.failure)
    if import_.status == Status.FAILED:
        return Outcome(_("This did not work. Nothing was stored."), why, "red", "alert")
    if import_.status == Status.UNDONE:
        return Outcome(_("This import was undone"), _by(import_.undone_by, import_.undone_at), "", "undo")
    if import_.status != Status.DONE:
        return Outcome(_("This import is not finished: %(user)s can go on with it.") % {"user": import_.user})
    if why:
        return Outcome(_("The import could not be undone. Its records are all there."), why, "amber", "alert")
    count = import_.rows_added + import_.rows_updated
    title = ngettext("%(count)s row was imported", "%(count)s rows were imported", count) % {"count": localize(count)}
    return Outcome(title, _by(import_.user, import_.finished_at), "green", "check")


def _by(user: Any, moment: Any) -> str:
    if not (user and moment):
        return ""
    return _("by %(user)s, %(time)s") % {"user": user, "time": date_format(localtime(moment), "DATETIME_FORMAT")}


def undo_question(import_: Import) -> str:
    """What undoing would do, with its numbers."""
    added, updated = import_.rows_added, import_.rows_updated
    said = [
        ngettext(
            "%(count)s record that it added is removed.", "%(count)s records that it added are removed.", added
        ) % {"count": localize(added)} if added else "",
        ngettext(
            "%(count)s record that it updated gets its former values back.",
            "%(count)s records that it updated get their former values back.",
            updated,
        ) % {"count": localize(updated)} if updated else "",
        _("This is possible as long as nothing was built on them and nobody has changed them."),
    ]  # fmt: skip
    return " ".join(sentence for sentence in said if sentence)


def record_rows(user: Any, links: Sequence[ImportedRecord]) -> list[dict[str, Any]]:
    """What came of the rows; records that the reader does not reach stay unnamed."""
    names = _names(user, links)
    rows = []
    for link in links:
        name = names.get((link.content_type_id, link.object_id), "")
        model = link.content_type.model_class()
        url = record_url(model(pk=link.object_id)) if name and model else ""
        rows.append(
            {"number": link.row, "label": name or _("not shown"), "url": url, "effect": link.get_effect_display()}
        )
    return rows


def _names(user: Any, links: Sequence[ImportedRecord]) -> dict[tuple[int, int], str]:
    """One query per kind of record."""
    found: dict[tuple[int, int], str] = {}
    wanted: dict[ContentType, list[int]] = {}
    for link in links:
        wanted.setdefault(link.content_type, []).append(link.object_id)
    for content_type, pks in wanted.items():
        model: Any = content_type.model_class()
        if model is None or not issubclass(model, Record):
            continue
        reached = access.scoped(user, model).filter(pk__in=pks).values_list("pk", *model.display_paths)
        for pk, *values in reached:
            name = model.display_from(*("" if value is None else value for value in values))
            found[content_type.pk, pk] = name or f"{model.reference_prefix}-{pk:06d}"
    return found
