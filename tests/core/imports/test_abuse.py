"""Files that are not what they seem: a message with the row, little memory, never an exception of another kind."""

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from core.imports import checking, uploads
from core.imports.models import Import
from core.imports.reading import inspect, rows
from deploy import test_env
from tests.core.imports.making import checked, csv_bytes, told, uploaded
from tests.rules import refused

ROOT = Path(__file__).resolve().parents[3]
SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
CELL = b'<c t="inlineStr"><is><t>%s</t></is></c>'


CELL_TOO_LONG = (
    "Row 3: a cell is longer than 1,000,000 characters. If it is not meant to be, look for a quotation mark without "
    "its partner."
)


def workbook(path, sheet):
    """A workbook whose sheet is these pieces of XML."""
    plain = path.with_suffix(".plain.xlsx")
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != SHEET:
                target.writestr(name, source.read(name))
        with target.open(SHEET, "w", force_zip64=True) as part:
            for piece in sheet:
                part.write(piece)
    return path


def row(number, *texts):
    return b'<row r="%d">' % number + b"".join(CELL % text for text in texts) + b"</row>"


def refusal(user, content, name="list.csv"):
    """What the upload, or else the first look at the file, says."""
    try:
        import_ = uploads.receive(user, "organizations", ContentFile(content, name=name))
        inspect(import_)
        list(rows(import_))
    except ValidationError as error:
        return error.messages
    return []


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\n\n\n", "The file is empty."),
        (b"name,country\n", "The file has headings, but no rows below them."),
        (b"%PDF-1.7\nx", "This file is no table: it looks like PDF. Upload a CSV or XLSX file."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "This is an old or password-protected Excel file. Save it as .xlsx without a password and upload it again.",
        ),
        (
            b"PK\x03\x04junk",
            "This file is damaged, or no Excel workbook. Open it in a spreadsheet program and save it as .xlsx again.",
        ),
        (
            b'name,country\nA,JP\n"B,JP\nC,JP\n',
            "Row 3: a quotation mark is opened and never closed. Close it, or remove it.",
        ),
        (
            b'name,country\n"A" and more,JP\n',
            "Row 2: text follows a closing quotation mark. A quotation mark inside a quoted cell is written twice.",
        ),
        (
            b"name,country\n" + b"x," * 9_999 + b"x\n",
            "Row 2 has 10,000 columns. At most 500 can be read: check the separator.",
        ),
        (
            b'name,country\nA,JP\n"' + b"x\n" * 600_000 + b'",JP\n',
            CELL_TOO_LONG,
        ),
        (
            b"name,country\nA,JP\n" + b"x" * 5_000_000 + b",JP\n",
            "Row 3 is longer than 4,000,000 characters. Is this a table, with line breaks between rows?",
        ),
    ],
)
def test_says_what_is_wrong_and_where(content, message, officer):
    assert refusal(officer, content) == [message]


def test_random_bytes_are_no_text(officer):
    message = (
        "This file is no text. If it comes from a spreadsheet program, save it as .xlsx or CSV and upload it again."
    )
    assert refusal(officer, bytes(range(256)) * 40) == [message]


def test_a_file_over_the_limit_is_refused_before_it_is_read(officer, settings):
    settings.IMPORT_MAX_MB = 1
    message = "The file has 2 MB. At most 1 MB can be imported: split it, or leave out what is not needed."
    assert refusal(officer, b"x" * (2**20 + 1)) == [message]
    assert not Import.objects.exists()


def test_more_rows_than_the_limit(officer, settings):
    settings.IMPORT_MAX_ROWS = 2
    content = csv_bytes(["name", "country"], *(["A", "JP"] for _row in range(3)))
    assert refusal(officer, content) == [
        "The file has more than 2 rows. Split it and import the parts one after another."
    ]


def test_a_wrong_separator_leaves_one_column_that_means_nothing(officer):
    import_ = uploaded(officer, "organizations", b"name,country\nA,JP\n", delimiter=";")
    with refused(
        __all__="No column is chosen. Say for at least one column what it holds, or check how the file is separated."
    ):
        checking.check(import_)


def test_nul_is_told_at_its_cell(officer):
    _import, preview = checked(officer, "organizations", b"name,country\nA\x00B,JP\n")
    message = "This text contains a character (NUL) that cannot be stored. Remove it and try again."
    assert told(preview) == [(2, "name", message)]
    assert preview.rows[0].cells == ["A␀B", "JP"]


def test_nul_in_a_choice_is_told_at_its_cell(officer):
    _import, preview = checked(officer, "organizations", b"name,country\nSomebody and Sons,JP\nSomebody else,J\x00P\n")
    assert [(row, column) for row, column, _message in told(preview)] == [(3, "country")]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(officer):
    content = b'name,country\n"two\nlines",JP\n\n\nB,Nowhere\n'
    _import, preview = checked(officer, "organizations", content)
    assert [row.number for row in preview.rows] == [2, 5]
    assert [problem.row for problem in preview.problems] == [5]


def test_a_ragged_row(officer):
    _import, preview = checked(officer, "organizations", b"name,country\nA,JP,\nB,JP,more\nC\n")
    message = "This row has more cells than there are headings. Look for a separator inside a text without quotes."
    needed = "This is needed. Fill the cell, or give one value for all rows."
    assert told(preview) == [(3, "", message), (4, "country", needed)]


def test_headings_that_come_again(officer):
    _import, preview = checked(officer, "organizations", b"name,country\nA,JP\nname,country\nB,JP\n")
    assert told(preview)[0] == (3, "", "This row repeats the headings. Delete it.")


def test_two_columns_of_one_heading_are_mapped_once(officer):
    assert uploaded(officer, "organizations", b"name,country,name\nA,JP,B\n").mapping == ["name", "country", ""]


def test_an_export_that_broke_off_is_not_imported(officer):
    _import, preview = checked(officer, "organizations", b"name,country\nA,JP\n# INCOMPLETE: sorry\n")
    message = "The export of this file broke off here, so rows are missing. Export it again."
    assert told(preview)[0] == (3, "", message)


def test_entities_in_a_workbook(officer, tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    path = workbook(tmp_path / "x.xlsx", [bomb, HEAD[21:], row(1, b"name", b"country"), row(2, b"&b;", b"JP"), TAIL])
    message = "This workbook holds XML entities, which no spreadsheet program writes. It is not read."
    assert refusal(officer, path.read_bytes(), "x.xlsx") == [message]


def test_a_workbook_with_another_file_inside(officer, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as file:
        file.writestr("letter.txt", "no workbook")
    message = "This file is damaged, or no Excel workbook. Open it in a spreadsheet program and save it as .xlsx again."
    assert refusal(officer, (tmp_path / "x.xlsx").read_bytes(), "x.xlsx") == [message]


def test_a_row_beyond_the_end_of_a_sheet(officer, tmp_path, monkeypatch):
    monkeypatch.setattr("core.imports.workbook.LAST_ROW", 50)
    path = workbook(tmp_path / "x.xlsx", [HEAD, row(1, b"name", b"b"), row(999_999_999, b"A", b"JP"), TAIL])
    message = "Row 51 lies beyond the last row of a spreadsheet. Save the file again with a spreadsheet program."
    assert refusal(officer, path.read_bytes(), "x.xlsx") == [message]


# -- memory -----------------------------------------------------------------------------------------------------------

READ = """
import json, sys
from pathlib import Path
import django
django.setup()
from django.core.exceptions import ValidationError
from core.imports import csv_file, encodings
from core.imports.reading import _csv_rows, _from_headings, file_format
from core.imports.workbook import Workbook
count, messages = 0, []
with open(sys.argv[1], "rb") as file:
    try:
        if file_format(file) == "xlsx":
            book = Workbook(file)
            source = book.rows(book.first_filled())
        else:
            encoding = encodings.detect(file)
            source = _csv_rows(file, encoding, csv_file.detect_delimiter(encodings.sample_text(file, encoding)))
        for count, _row in enumerate(_from_headings(source), start=1):
            pass
    except ValidationError as error:
        messages = error.messages
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(json.dumps([count, messages, int(peak.split()[1]) / 1024]))
"""
MOST_MEGABYTES = 300


def read_elsewhere(path, tmp_path):
    """(rows, messages) of reading in a process of its own, whose memory is measured."""
    environment = {**os.environ, **test_env.test_environment(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", textwrap.dedent(READ), str(path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    count, messages, megabytes = json.loads(done.stdout)
    assert megabytes < MOST_MEGABYTES
    return count, messages


def written(path, *pieces):
    with path.open("wb") as file:
        for piece, times in pieces:
            for _time in range(times):
                file.write(piece)
    return path


def test_a_file_of_200_megabytes_is_a_stream(tmp_path):
    line = b"Somebody and Sons Company Limited,JP,Osaka\n" * 1000
    path = written(tmp_path / "x.csv", (b"name,country,city\n", 1), (line, 2_500), (b"x," * 600 + b"\n", 1))
    message = "Row 2,500,002 has 601 columns. At most 500 can be read: check the separator."
    assert path.stat().st_size > 100 * 2**20
    assert read_elsewhere(path, tmp_path) == (2_500_001, [message])


@pytest.mark.parametrize("text", ["x", "日"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_cell_of_50_megabytes(text, encoding, tmp_path):
    start, piece = 'name,country\nA,JP\n"'.encode(encoding), (text * 500_000).encode(encoding)
    path = written(
        tmp_path / "x.csv", (start, 1), (piece, 50_000_000 // len(piece) + 1), ('",JP\n'.encode(encoding), 1)
    )
    count, messages = read_elsewhere(path, tmp_path)
    assert count == 2
    assert messages[0].startswith("Row 3")


def test_a_workbook_with_a_cell_of_50_megabytes(tmp_path):
    cell = (b'<c t="inlineStr"><is><t>', *[b"x" * 1_000_000] * 50, b"</t></is></c>")
    path = workbook(tmp_path / "x.xlsx", [HEAD, row(1, b"name", b"country"), b'<row r="2">', *cell, b"</row>", TAIL])
    _count, messages = read_elsewhere(path, tmp_path)
    assert messages == ["This workbook unpacks to more than can be read. Save the sheet alone as CSV and import that."]


def test_a_workbook_that_unpacks_to_a_gigabyte(tmp_path):
    rows_ = (piece for piece in [HEAD, row(1, b"name", b"country"), b'<row r="2">', *[b"<c/>" * 250_000] * 300, TAIL])
    path = workbook(tmp_path / "x.xlsx", rows_)
    assert path.stat().st_size < 2 * 2**20
    _count, messages = read_elsewhere(path, tmp_path)
    assert messages == ["This workbook unpacks to more than can be read. Save the sheet alone as CSV and import that."]


def test_texts_of_a_workbook_that_unpack_to_more_than_is_kept(tmp_path):
    path = workbook(tmp_path / "x.xlsx", [HEAD, row(1, b"name", b"country"), TAIL])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file, file.open("xl/sharedStrings.xml", "w") as part:
        for _time in range(60):
            part.write(b" " * 2**20)
    _count, messages = read_elsewhere(path, tmp_path)
    assert messages == ["This workbook unpacks to more than can be read. Save the sheet alone as CSV and import that."]


def test_the_name_of_a_file_is_kept_without_its_path(officer):
    file = SimpleUploadedFile("list.csv", b"name,country\nA,JP\n")
    file._name = "C:\\Users\\me\\顧客.csv"
    assert uploads.receive(officer, "organizations", file).file_name == "顧客.csv"
