"""CSV and XLSX: what is in the file, how it is sent, and what the log says."""

import csv
import datetime
import io
import threading
import zoneinfo
from decimal import Decimal
from urllib.parse import unquote

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.utils import timezone, translation

from core import access, export_lines, export_workbook, exports, resources
from core.columns import Column, Columns
from core.exports import Export, csv_chunks, export_response, snapshot, write_xlsx
from core.exports_log import ExportLog
from core.spreadsheet_text import restore
from crm.models import Lead
from tests.factories import (
    BY_RESOURCE,
    AffiliationFactory,
    ContactPointFactory,
    LeadFactory,
    SectorFactory,
    UserFactory,
)
from tests.hard_values import OVERFLOWING

NASTY = [
    "=1+1",
    "+81 3-1234-5678",
    "-5",
    "'=1+1",
    "first\nsecond",
    '"quoted", and commas',
    "髙島屋",
    "@SUM(A1)",
    "𠮷野家",
]
LEADS = "leads"


def respond(
    user, slug=LEADS, *, file_format="csv", headers="labels", address="/", language="en", zone="Asia/Tokyo", columns=()
):
    """The response as a view makes it: under the middleware's language and time zone, which end before the body."""
    resource = resources.get(slug)
    request = RequestFactory().get(address)
    request.user = user
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
        queryset = resource.ordered(resource.all(user, "export"))
        columns = columns or resource.columns.listed()
        return export_response(request, resource, queryset, columns, file_format, headers)


def body(response):
    return b"".join(response.streaming_content)


def parsed(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_of(response):
    return openpyxl.load_workbook(io.BytesIO(body(response))).active


def by_heading(sheet, row=2):
    return {heading.value: cell for heading, cell in zip(sheet[1], sheet[row], strict=True)}


@pytest.fixture
def lead(officer, tokyo_station):
    return LeadFactory(
        title="Plant",
        station=tokyo_station,
        owner=officer,
        stage="new",
        interest_amount=Decimal("1200.50"),
        interest_currency="JPY",
        jobs=40,
        next_step_on=datetime.date(2026, 3, 1),
        created_at=datetime.datetime(2026, 1, 1, 20, 30, 59, tzinfo=datetime.UTC),
    )


def test_csv_begins_with_a_bom_and_ends_lines_with_crlf(officer, lead):
    data = body(respond(officer))
    assert data.startswith(b"\xef\xbb\xbfID,Reference,Title,")
    assert data.count(b"\r\n") == 2
    assert data.endswith(b"\r\n")


def test_labels_are_for_people(officer, lead):
    (row,) = parsed(body(respond(officer)))
    assert row["Stage"] == "New"
    assert row["Sample"] == "No"
    assert row["Amount of interest"] == "1200.50"
    assert row["Next step on"] == "2026-03-01"
    assert row["Created at"] == "2026-01-02 05:30"
    assert row["Contact"] == row["Collaborators"] == ""


def test_codes_are_for_programs(officer, lead):
    (row,) = parsed(body(respond(officer, headers="codes")))
    assert row["stage"] == "new"
    assert row["is_sample"] == "false"
    assert row["interest_currency"] == "JPY"
    assert row["next_step_on"] == "2026-03-01"
    assert row["created_at"] == "2026-01-01T20:30:59+00:00"
    assert row["station"] == str(lead.station_id)


@pytest.mark.parametrize(
    ("language", "expected"), [("ja", "JPY 日本円"), ("zh-hans", "JPY 日元"), ("en", "JPY Japanese Yen")]
)
def test_the_body_is_in_the_readers_language_although_it_is_sent_later(officer, lead, language, expected):
    response = respond(officer, language=language)
    with translation.override("en"):
        first = next(iter(response.streaming_content))
        assert translation.get_language() == "en"
    assert expected in first.decode()


def test_every_text_comes_back_as_it_was(officer, tokyo_station):
    for text in NASTY:
        LeadFactory(title=text, notes=text, station=tokyo_station, owner=officer)
    rows = parsed(body(respond(officer)))
    assert [restore(row["Title"]) for row in reversed(rows)] == NASTY
    assert [restore(row["Notes"]) for row in rows] == [restore(row["Title"]) for row in rows]
    assert [row["Title"] for row in reversed(rows)][:4] == ["'=1+1", "+81 3-1234-5678", "-5", "''=1+1"]


def test_lists_are_joined(officer, lead, stranger):
    lead.collaborators.add(stranger)
    lead.collaborators.add(officer)
    (row,) = parsed(body(respond(officer)))
    assert row["Collaborators"] == "stranger; officer"
    assert row["Collaborators (ID)"] == f"{stranger.pk}; {officer.pk}"


def test_parts_of_lists_are_readable_text(director):
    contact = ContactPointFactory(value="=1+1", label="office")
    AffiliationFactory(person=contact.person, organization__name="試験工業")
    (row,) = parsed(body(respond(director, "people")))
    assert row["Contact points"] == "Phone, =1+1, office"
    assert row["Affiliations"] == "試験工業, 部長"
    assert "Aliases" not in parsed(body(respond(director, "organizations")))[0]


def test_one_file_name_in_the_readers_language_and_a_plain_one(officer, lead, monkeypatch):
    monkeypatch.setattr(Lead._meta, "verbose_name_plural", "見込み案件")
    disposition = respond(officer)["Content-Disposition"]
    today = timezone.localdate(timezone=zoneinfo.ZoneInfo("Asia/Tokyo")).isoformat()
    assert f'filename="leads-{today}.csv"' in disposition
    assert unquote(disposition).endswith(f"filename*=UTF-8''見込み案件-{today}.csv")


def test_a_download_is_never_cached(officer, lead):
    response = respond(officer)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_the_log_says_who_took_what(officer, lead):
    body(respond(officer, address="/?stage=new&station=1&station=2&odd=%00"))
    log = ExportLog.objects.get()
    assert (log.user, log.user_name, log.resource, log.format, log.rows) == (officer, "officer", "leads", "csv", 1)
    assert log.parameters == {"stage": "new", "station": ["1", "2"], "odd": "\ufffd"}
    assert log.columns[:3] == ["id", "reference", "title"]


def test_only_who_may_export_gets_a_file(nobody, lead):
    with pytest.raises(PermissionDenied):
        respond(nobody)
    assert not ExportLog.objects.exists()


def test_records_of_other_stations_stay_out(stranger, lead):
    assert parsed(body(respond(stranger))) == []
    assert ExportLog.objects.get().rows == 0


@pytest.fixture
def breaks_after_one_batch(monkeypatch):
    whole = Columns.batches

    def broken(self, *args):
        yield next(whole(self, *args))
        raise DatabaseError("connection lost")

    monkeypatch.setattr(Columns, "batches", broken)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_broke_off_says_so_in_its_last_line():
    LeadFactory()
    columns = [*resources.get(LEADS).columns.listed(), OVERFLOWING]
    response = respond(UserFactory(is_superuser=True), columns=columns)
    rows = list(csv.reader(io.StringIO(body(response).decode("utf-8-sig"))))
    assert rows[-1][0].startswith("# INCOMPLETE")
    assert ExportLog.objects.get().rows is None


def test_a_single_column_has_a_line_for_each_record_even_if_it_is_empty(officer, lead):
    columns = resources.get(LEADS).columns.chosen(["station", "archived_at"])
    assert body(respond(officer, columns=columns[1:])).decode("utf-8-sig") == 'Archived at\r\n""\r\n'


@pytest.mark.parametrize("codes", [["id", "created_at"], ["station_display", "collaborators_display"]])
def test_a_choice_of_columns_is_the_same_in_both_ways(officer, lead, codes):
    columns = resources.get(LEADS).columns.chosen(codes)
    export = Export(resources.get(LEADS), Lead.objects.all(), officer, columns)
    with snapshot():
        by_database, by_python = (list(way(export)) for way in (export_lines.by_database, export_lines.by_python))
    assert by_database == by_python


def test_a_workbook_that_breaks_off_is_not_sent(officer, lead, breaks_after_one_batch):
    with pytest.raises(DatabaseError):
        respond(officer, file_format="xlsx")
    assert ExportLog.objects.get().rows is None


@pytest.mark.django_db(transaction=True)
def test_a_transfer_that_the_reader_ends_is_logged_without_rows(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK_BYTES", 100)
    monkeypatch.setattr(export_lines, "LINES", 1)
    LeadFactory.create_batch(3)
    response = respond(UserFactory(is_superuser=True))
    next(iter(response.streaming_content))
    response.close()
    assert ExportLog.objects.get().rows is None


def test_chunks_are_small_and_nothing_is_lost_between_them(officer, tokyo_station, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(export_lines, "LINES", 2)
    LeadFactory.create_batch(21, station=tokyo_station, owner=officer)
    chunks = list(respond(officer).streaming_content)
    assert len(chunks) > 3
    assert max(map(len, chunks)) < 3000
    assert len(parsed(b"".join(chunks))) == ExportLog.objects.get().rows == 21


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_rows(officer, tokyo_station, count, django_assert_num_queries):
    for _number in range(count):
        LeadFactory(station=tokyo_station, owner=officer, sector=SectorFactory()).collaborators.add(officer)
    resource = resources.get(LEADS)
    export = Export(resource, resource.all(access.SYSTEM, "export"), access.SYSTEM, resource.columns.listed())
    with django_assert_num_queries(2):  # the leads, their links with the colleagues
        assert sum(rows for _data, rows in export_lines.by_python(export)) == count
    with django_assert_num_queries(1):
        b"".join(csv_chunks(export))
    assert export.rows == count


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_a_slow_download_stops_nobody_and_shows_one_moment(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK_BYTES", 100)
    monkeypatch.setattr(export_lines, "LINES", 1)
    monkeypatch.setattr("core.columns.CHUNK", 2)
    LeadFactory.create_batch(6)
    chunks = iter(respond(UserFactory(is_superuser=True)).streaming_content)
    first = next(chunks)

    def work_meanwhile():
        try:
            Lead.objects.update(title="changed")
            LeadFactory(title="late")
        finally:
            connection.close()

    colleague = threading.Thread(target=work_meanwhile)
    colleague.start()
    colleague.join(timeout=15)
    assert not colleague.is_alive()
    titles = [row["Title"] for row in parsed(first + b"".join(chunks))]
    assert len(titles) == 6
    assert "changed" not in titles
    assert Lead.objects.filter(title="late").exists()


def test_xlsx_cells_have_types(officer, lead):
    sheet = sheet_of(respond(officer, file_format="xlsx"))
    row = by_heading(sheet)
    assert (row["Amount of interest"].value, row["Amount of interest"].data_type) == (1200.5, "n")
    assert (row["Jobs"].value, row["Jobs"].data_type) == (40, "n")
    assert row["Next step on"].value == datetime.datetime(2026, 3, 1)  # noqa: DTZ001  spreadsheets know no zones
    assert row["Created at"].value == datetime.datetime(2026, 1, 2, 5, 30, 59)  # noqa: DTZ001
    assert row["Next step on"].number_format == "yyyy-mm-dd"
    assert (row["Stage"].value, row["Sample"].value) == ("New", "No")
    assert row["Contact"].value is None


def test_xlsx_codes_have_real_booleans(officer, lead):
    row = by_heading(sheet_of(respond(officer, file_format="xlsx", headers="codes")))
    assert (row["is_sample"].value, row["is_sample"].data_type) == (False, "b")
    assert row["stage"].value == "new"


def test_xlsx_text_stays_text(officer, tokyo_station):
    texts = [*NASTY, "<r>bold & wrong</r>", "007", "https://example.org/", "1e5", " padded "]
    for text in texts:
        LeadFactory(title=text, station=tokyo_station, owner=officer)
    sheet = sheet_of(respond(officer, file_format="xlsx"))
    cells = [by_heading(sheet, row)["Title"] for row in range(sheet.max_row, 1, -1)]
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)


def test_xlsx_can_be_worked_with_at_once(officer, lead):
    sheet = sheet_of(respond(officer, file_format="xlsx", language="ja"))
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith("2")
    assert 8 < sheet.column_dimensions["C"].width < 60


def test_xlsx_cuts_a_text_that_no_cell_can_hold_and_says_so(officer, lead, caplog):
    Lead.objects.filter(pk=lead.pk).update(notes="𠮷" * 20_000)
    notes = by_heading(sheet_of(respond(officer, file_format="xlsx")))["Notes"].value
    assert len(notes.encode("utf-16-le")) // 2 <= 32_767
    assert "[Cut here" in notes[-100:]
    assert "column notes" in caplog.text


def test_xlsx_keeps_what_a_spreadsheet_number_or_date_cannot_hold():
    columns = [Column("amount", "Amount", "decimal"), Column("founded_on", "Founded on", "date")]
    rows = [
        [Decimal("123456789012345678.25"), datetime.date(1868, 9, 8)],
        [Decimal("-0.05"), datetime.date(1900, 3, 1)],
    ]
    file = io.BytesIO()
    export_workbook.write_workbook(file, "x", columns, "labels", rows)
    sheet = openpyxl.load_workbook(file).active
    assert [cell.value for cell in sheet[2]] == ["123456789012345678.25", "1868-09-08"]
    assert [cell.data_type for cell in sheet[3]] == ["n", "d"]


def test_xlsx_refuses_more_rows_than_a_sheet_holds(officer, tokyo_station, monkeypatch):
    monkeypatch.setattr(export_workbook, "MOST_ROWS", 2)
    LeadFactory.create_batch(3, station=tokyo_station, owner=officer)
    with pytest.raises(ValidationError, match="CSV"):
        respond(officer, file_format="xlsx")


def test_an_empty_list_is_an_empty_table(officer):
    sheet = sheet_of(respond(officer, file_format="xlsx"))
    assert sheet.max_row == 1
    assert ExportLog.objects.get().rows == 0


@pytest.mark.parametrize("headers", ["labels", "codes"])
@pytest.mark.parametrize("slug", sorted(BY_RESOURCE))
def test_every_list_can_be_exported(db, slug, headers):
    if slug not in resources.everything():
        pytest.skip("no list of its own")
    BY_RESOURCE[slug]()
    resource = resources.get(slug)
    columns = resource.columns.listed()
    as_csv, as_xlsx = (Export(resource, resource.all(access.SYSTEM), access.SYSTEM, columns, headers) for _ in range(2))
    rows, file = parsed(b"".join(csv_chunks(as_csv))), io.BytesIO()
    write_xlsx(as_xlsx, file)
    sheet = openpyxl.load_workbook(file).active
    assert as_csv.complete
    assert as_csv.rows == as_xlsx.rows == len(rows) == sheet.max_row - 1
    assert [cell.value for cell in sheet[1]] == list(rows[0])
