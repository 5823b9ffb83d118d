"""An empty file to fill in: the headings that an import knows, in the reader's language."""

import csv
import io
from typing import Any

from core.columns import Column
from core.export_workbook import write_workbook
from core.imports import kinds, mapping
from core.spreadsheet_text import make_inert

FORMATS = ("csv", "xlsx")


def headings(kind: str) -> list[Column]:
    """What people fill in: of a relation its name, not its number."""
    codes = {target.code for target in mapping.targets(kind)}
    return [
        Column(target.code, target.label)
        for target in mapping.targets(kind)
        if target.code != "id" and f"{target.code}_display" not in codes
    ]


def write(kind: str, extension: str, file: Any) -> None:
    """Writes the template to a binary file: CSV with a BOM, as spreadsheets like it, or XLSX."""
    if extension == "xlsx":
        write_workbook(file, str(kinds.get(kind).label), headings(kind), "labels", [])
        return
    text = io.StringIO(newline="")
    csv.writer(text).writerow(make_inert(str(column.label)) for column in headings(kind))
    file.write(b"\xef\xbb\xbf" + text.getvalue().encode())
