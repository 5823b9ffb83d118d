"""Imports on the staff site: from the file to the records, step by step."""

import csv
import datetime
import io

import openpyxl
import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.admin.links import add_url, change_url, list_url, record_url
from core.imports import choices, kinds, undoing
from core.imports.checking import QUICK_BYTES
from core.imports.models import Import
from core.imports.running import recognise_dead, run
from core.imports.work import at_work
from core.worker import WorkerBeat
from crm.models import Lead, LiaisonStation, Organization
from tests.factories import ImportedRecordFactory, ImportFactory, LeadFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

ORGANIZATIONS = "Name,Country,City\r\n日本電気,JP,東京\r\nFalkenmoor GmbH,DE,Stuttgart\r\n"
MAPPED = ["name", "country", "city"]


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def page(name, import_):
    return reverse(f"admin:core_import_{name}", args=[import_.pk])


def a_file(content=ORGANIZATIONS, name="list.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, content.encode(encoding) if isinstance(content, str) else content)


def upload(client, content=ORGANIZATIONS, kind="organizations", name="list.csv", encoding="utf-8"):
    """Sends a file in and answers the import."""
    response = client.post(add_url(Import), {"kind": kind, "file": a_file(content, name, encoding)})
    assert response.status_code == 302, response.context["form"].errors
    import_ = Import.objects.latest("pk")
    assert response["Location"] == change_url(import_)
    return import_


def columns(*codes, **others):
    """What the form of the columns page sends."""
    return {**{f"column-{index}": code for index, code in enumerate(codes)}, **others}


@pytest.fixture
def client(officer, logged_in):
    return logged_in(officer)


# -- where imports are found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", list(kinds.everything()))
def test_the_list_of_a_kind_offers_the_import(slug, director, logged_in):
    model = kinds.get(slug).resource.model
    response = logged_in(director).get(list_url(model))
    assert response.context["import_url"] == add_url(Import, kind=slug)
    assert add_url(Import, kind=slug) in response.content.decode()


def test_other_lists_do_not(director, logged_in):
    assert logged_in(director).get(list_url(LiaisonStation)).context["import_url"] == ""


def test_who_may_not_add_such_records_is_offered_nothing(auditor, logged_in):
    client = logged_in(auditor)
    assert client.get(list_url(Organization)).context["import_url"] == ""
    assert client.get(list_url(Import)).context["has_add_permission"] is False
    assert client.get(add_url(Import)).status_code == 403


def test_only_kinds_that_one_may_add_can_be_chosen(logged_in):
    client = logged_in(UserFactory(role="Contract manager"))
    offered = [slug for slug, _label in client.get(add_url(Import)).context["form"].fields["kind"].choices]
    assert offered == ["organizations", "people"]
    response = client.post(add_url(Import), {"kind": "leads", "file": a_file()})
    assert list(response.context["form"].errors) == ["kind"]
    assert not Import.objects.exists()


def test_the_list_from_which_one_comes_is_chosen_already(client):
    assert client.get(add_url(Import, kind="people")).context["form"]["kind"].value() == "people"


def test_the_list_shows_ones_own_imports(client, officer):
    own = ImportFactory(user=officer, file_name="mine.csv")
    ImportFactory(file_name="theirs.csv")
    rows = client.get(list_url(Import)).context["cl"].result_list
    assert [row.pk for row in rows] == [own.pk]


def test_who_sees_all_stations_sees_all_imports(director, logged_in):
    import_ = ImportFactory(file_name="theirs.csv")
    client = logged_in(director)
    assert "theirs.csv" in client.get(list_url(Import)).content.decode()
    response = client.get(change_url(import_))
    assert str(import_.user) in response.context["outcome"].title


PAGES = ("change", "reading", "columns", "replace", "discard", "check", "problems", "start", "progress", "undo")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", PAGES)
def test_somebody_elses_import_does_not_exist(name, method, client):
    import_ = ImportFactory()
    assert getattr(client, method)(page(name, import_)).status_code == 404
    assert Import.objects.get().status == "uploaded"


@pytest.mark.parametrize("name", ["reading", "columns", "replace", "discard", "check", "start"])
def test_nobody_goes_on_in_anothers_name(name, director, logged_in):
    import_ = ImportFactory()
    assert logged_in(director).post(page(name, import_)).status_code == 403
    assert Import.objects.get().status == "uploaded"


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 30, "x", "-1"])
def test_an_import_that_never_was_is_not_found(pk, director, logged_in):
    assert logged_in(director).get(f"{list_url(Import)}{pk}/change/").status_code == 404


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_file_becomes_an_import_and_nothing_else(client, officer):
    import_ = upload(client, name="fair.csv")
    assert (import_.user, import_.kind, import_.file_name, import_.status) == (
        officer, "organizations", "fair.csv", "uploaded",
    )  # fmt: skip
    assert not Organization.objects.exists()


@pytest.mark.parametrize("data", [{}, {"kind": "organizations"}, {"kind": "organizations", "file": ""}])
def test_without_a_file_the_page_asks_for_one(data, client):
    response = client.post(add_url(Import), data)
    assert response.status_code == 200
    assert response.context["form"].errors["file"] == ["Choose a file first."]


@pytest.mark.parametrize(
    ("name", "content"),
    [("list.csv", b""), ("list.pdf", b"%PDF-1.7 ..."), ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99)],
)
def test_what_is_no_table_is_refused_at_the_field(name, content, client):
    response = client.post(add_url(Import), {"kind": "organizations", "file": a_file(content, name)})
    assert list(response.context["form"].errors) == ["file"]
    assert not Import.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_the_limit(client, settings):
    settings.IMPORT_MAX_MB = 1
    response = client.post(add_url(Import), {"kind": "organizations", "file": a_file(b"x" * (2**20 + 1))})
    assert "1 MB" in response.context["form"].errors["file"][0]
    assert "up to 1 MB" in response.content.decode()


# -- templates ---------------------------------------------------------------------------------------------------------


def template(client, slug, extension):
    response = client.get(reverse("admin:core_import_template", args=[slug, extension]))
    return response, b"".join(response) if response.status_code == 200 else b""


@pytest.mark.parametrize("slug", list(kinds.everything()))
def test_a_template_is_read_by_the_import_without_a_question(slug, director, logged_in):
    client = logged_in(director)
    _response, content = template(client, slug, "csv")
    (headings,) = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    import_ = upload(client, content + b"x\r\n", kind=slug)
    choice = client.get(page("columns", import_)).context["choice"]
    assert choice.source.headings == headings
    assert all(field.initial for field in choice.columns.fields.values())


def test_a_template_is_in_the_readers_language(logged_in):
    client = logged_in(UserFactory(role="Officer", language="ja"))
    response, content = template(client, "organizations", "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    headings = [cell.value for cell in sheet[1]]
    assert "フリガナ" in headings
    assert "organizations.xlsx" in response["Content-Disposition"]


def test_a_template_asks_for_names_and_not_for_numbers(client):
    _response, content = template(client, "leads", "csv")
    headings = content.decode("utf-8-sig")
    assert "Organization" in headings
    assert "(ID)" not in headings


@pytest.mark.parametrize(("slug", "extension"), [("organizations", "pdf"), ("stations", "csv"), ("nothing", "csv")])
def test_templates_that_do_not_exist_are_not_found(slug, extension, client):
    assert template(client, slug, extension)[0].status_code == 404


def test_a_template_is_for_those_who_may_add(auditor, logged_in):
    assert template(logged_in(auditor), "organizations", "csv")[0].status_code == 404


# -- how the file reads ------------------------------------------------------------------------------------------------


def test_the_first_rows_are_shown_with_their_numbers(client):
    response = client.get(change_url(upload(client)))
    table = response.context["table"]
    assert table["headings"] == ["Name", "Country", "City"]
    assert table["rows"][0] == {"number": 2, "cells": ["日本電気", "JP", "東京"]}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "cp932"])
def test_the_character_set_is_found(encoding, client):
    text = "会社名,所在地\r\n" + "日本電気株式会社,東京都港区\r\n" * 20
    response = client.get(change_url(upload(client, text, encoding=encoding)))
    assert response.context["table"]["rows"][0]["cells"] == ["日本電気株式会社", "東京都港区"]
    assert response.context["form"]["encoding"].value()


def test_another_way_of_reading_is_shown_and_kept(client):
    import_ = upload(client, "a;b,c\r\n1;2,3\r\n")
    response = client.post(page("reading", import_), {"encoding": "utf-8", "delimiter": ",", "show": "1"}, follow=True)
    assert response.context["table"]["headings"] == ["a;b", "c"]
    assert client.get(change_url(import_)).context["table"]["headings"] == ["a;b", "c"]


def test_a_tab_can_be_chosen(client):
    import_ = upload(client, "a\tb,c\r\n1\t2,3\r\n")
    response = client.post(page("reading", import_), {"encoding": "utf-8", "delimiter": "\t", "show": "1"}, follow=True)
    assert response.context["table"]["headings"] == ["a", "b,c"]


def test_a_character_set_that_does_not_fit_says_so_and_can_be_changed_again(client):
    import_ = upload(client, "Name\r\n" + "日本電気\r\n" * 5, encoding="cp932")
    response = client.post(page("reading", import_), {"encoding": "utf-8", "delimiter": ",", "show": "1"}, follow=True)
    assert response.context["warning"] == "Row 2 cannot be read in this character set. Try another one."
    assert response.context["form"]["encoding"].value() == "utf-8"
    assert "\ufffd" in client.get(page("columns", import_)).context["columns"][0]["samples"][0]
    client.post(page("reading", import_), {"encoding": "cp932", "delimiter": ",", "next": "1"})
    assert client.get(page("columns", import_)).context["columns"][0]["samples"] == ["日本電気"]


@pytest.mark.parametrize("data", [{"encoding": "rot13", "delimiter": ","}, {"encoding": "utf-8", "delimiter": "#"}, {}])
def test_only_what_is_offered_can_be_chosen(data, client):
    import_ = upload(client)
    response = client.post(page("reading", import_), {**data, "next": "1"})
    assert response.status_code == 200
    assert response.context["form"].errors


def test_a_sheet_can_be_chosen(client):
    book = openpyxl.Workbook()
    book.active.append(["first"])
    book.active.append(["1"])
    other = book.create_sheet("来賓")
    other.append(["second"])
    other.append(["2"])
    file = io.BytesIO()
    book.save(file)
    import_ = upload(client, file.getvalue(), name="book.xlsx")
    assert client.get(change_url(import_)).context["table"]["headings"] == ["first"]
    response = client.post(page("reading", import_), {"sheet": "来賓", "show": "1"}, follow=True)
    assert response.context["table"]["headings"] == ["second"]


def test_a_file_that_is_gone_asks_for_another(client, officer):
    import_ = ImportFactory(user=officer)
    import_.file.delete()
    response = client.get(change_url(import_))
    assert response.status_code == 200
    assert "no longer there" in response.context["problems"][0]
    assert page("replace", import_) in response.content.decode()


# -- which column is what ----------------------------------------------------------------------------------------------


def test_columns_come_with_samples_and_a_suggestion(client):
    import_ = upload(client)
    table = client.get(page("columns", import_)).context["columns"]
    assert [(c["heading"], c["samples"], c["field"].value()) for c in table] == [
        ("Name", ["日本電気", "Falkenmoor GmbH"], "name"),
        ("Country", ["JP", "DE"], "country"),
        ("City", ["東京", "Stuttgart"], "city"),
    ]


def test_a_column_is_named_for_those_who_do_not_see_the_table(client):
    content = client.get(page("columns", upload(client))).content.decode()
    assert 'aria-labelledby="column-0" aria-describedby="samples-0"' in content
    assert 'id="column-0"' in content


def test_two_columns_do_not_go_to_one_field(client):
    import_ = upload(client)
    response = client.post(page("columns", import_), columns("name", "name", "", next="1"))
    assert list(response.context["choice"].columns.errors) == ["column-1"]
    assert response.context["choice"].columns["column-1"].value() == "name"
    assert Import.objects.get().status == "uploaded"


def test_a_field_that_does_not_exist_is_refused(client):
    import_ = upload(client)
    response = client.post(page("columns", import_), columns("password", "country", "", next="1"))
    assert list(response.context["choice"].columns.errors) == ["column-0"]


def test_what_is_chosen_is_kept_at_once(client):
    import_ = upload(client)
    answer = client.post(page("columns", import_), columns("name_en", "", "nonsense", draft="1"))
    assert (answer.status_code, answer.content) == (204, b"")
    table = client.get(change_url(import_)).context["columns"]
    assert [column["field"].value() for column in table] == ["name_en", "", ""]


def test_reading_the_file_in_another_way_starts_the_columns_anew(client):
    import_ = upload(client)
    client.post(page("columns", import_), columns("name_en", "", "", draft="1"))
    client.post(page("reading", import_), {"encoding": "utf-8", "delimiter": ";", "next": "1"})
    assert Import.objects.get().mapping == []


# -- the check ---------------------------------------------------------------------------------------------------------

WRONG = "Name,Country,Website\r\n日本電気,JP,\r\nFalkenmoor GmbH,Atlantis,nowhere at all\r\n"


def checked(client, content=ORGANIZATIONS, codes=MAPPED, kind="organizations", **others):
    """Uploads, chooses the columns, and answers the import and the page that follows."""
    import_ = upload(client, content, kind)
    response = client.post(page("columns", import_), columns(*codes, next="1", **others), follow=True)
    assert response.redirect_chain == [(change_url(import_), 302)], response.context["problems"]
    return import_, response


def tiles(response):
    return {tile.label: tile.count for tile in response.context["tiles"]}


def test_the_check_stores_nothing_and_says_what_would_happen(client):
    _import, response = checked(client)
    assert tiles(response) == {"To add": 2, "Already there": 0, "To update": 0, "Problems": 0}
    assert [str(row.badge.badge) for row in response.context["page_obj"]] == ["Add", "Add"]
    assert "Import 2 rows" in response.content.decode()
    assert not Organization.objects.exists()


def test_a_problem_stands_at_its_cell(client):
    _import, response = checked(client, WRONG, ["name", "country", "website"])
    content = response.content.decode()
    first, second = response.context["page_obj"]
    assert not first.has_problems
    assert [bool(cell.messages) for cell in second.cells] == [False, True, True]
    assert second.number == 3
    assert 'aria-describedby="cell-3-1"' in content
    assert '<ul class="errorlist" id="cell-3-1">' in content


def test_with_problems_nothing_can_be_started(client):
    import_, response = checked(client, WRONG, ["name", "country", "website"])
    assert page("start", import_) not in response.content.decode()
    stamp = response.context["checked_stamp"]
    refused = client.post(page("start", import_), {"checked": stamp})
    assert refused["Location"] == change_url(import_)
    assert messages_of(refused)
    assert Import.objects.get().status == "checked"


def test_only_the_rows_with_problems_can_be_shown(client):
    import_, _response = checked(client, WRONG, ["name", "country", "website"])
    response = client.get(change_url(import_), {"show": "problems"})
    assert [row.number for row in response.context["page_obj"]] == [3]
    assert 'href="?show=problems#rows" aria-current="true"' in response.content.decode()


def test_long_previews_come_in_pages(client):
    rows = "".join(f"Werk {number},Atlantis,\r\n" for number in range(120))
    import_, response = checked(client, "Name,Country,City\r\n" + rows)
    assert len(response.context["page_obj"].object_list) == 50
    last = client.get(change_url(import_), {"show": "problems", "p": "3"})
    assert [row.number for row in last.context["page_obj"]][-1] == 121
    assert 'href="?show=problems&amp;p=2"' in last.content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30])
def test_a_page_that_does_not_exist_shows_another(number, client):
    import_, _response = checked(client)
    assert client.get(change_url(import_), {"p": number}).status_code == 200


def test_problems_leave_as_a_file_in_the_readers_language(officer, client):
    import_, _response = checked(client, WRONG, ["name", "country", "website"])
    type(officer).objects.filter(pk=officer.pk).update(language="ja")
    response = client.get(page("problems", import_))
    _headings, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert [row[:2] for row in rows] == [["3", "Country"], ["3", "Website"]]
    assert "Atlantis" in rows[0][2]
    assert "=UTF-8''" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_a_problem_file_runs_in_no_spreadsheet(client):
    content = 'Name,Country,"=HYPERLINK(""http://x"")"\r\nWerk,DE,nowhere at all\r\n'
    import_, _response = checked(client, content, ["name", "country", "website"])
    _headings, row = csv.reader(io.StringIO(client.get(page("problems", import_)).content.decode("utf-8-sig")))
    assert row[1].startswith("'=")


def test_the_cells_of_a_file_are_data(client):
    _import, response = checked(client, "Name,Country,City\r\n<script>alert(1)</script>,JP,\r\n")
    assert "<script>alert" not in response.content.decode()


def test_what_is_needed_and_missing_is_named_above_the_columns(client):
    import_ = upload(client)
    response = client.post(page("columns", import_), columns("", "", "city", next="1"))
    assert response.status_code == 200
    assert "Country" in response.context["problems"][0]
    assert response.context["columns"][2]["field"].value() == "city"


def test_choices_are_remembered_for_the_next_file_of_the_same_headings(client):
    checked(client, "Firma,Land,Ort\r\nWerk A,DE,Stuttgart\r\n")
    import_ = upload(client, "Firma,Land,Ort\r\nWerk B,DE,Dresden\r\n")
    response = client.get(page("columns", import_))
    assert [column["field"].value() for column in response.context["columns"]] == MAPPED
    assert "as you chose them the last time" in response.content.decode()


def test_our_own_export_maps_itself(client):
    OrganizationFactory(name="日本電気", country="JP")
    exported = b"".join(client.get(list_url(Organization) + "export/"))
    import_ = upload(client, exported)
    response = client.get(page("columns", import_))
    assert "its columns are known already" in response.content.decode()
    chosen = {column["heading"]: column["field"].value() for column in response.context["columns"]}
    assert (chosen["Name"], chosen["Country"], chosen["Created at"]) == ("name", "country", chosen["Created at"])


@pytest.mark.parametrize("slug", list(kinds.everything()))
def test_every_kind_says_how_its_records_are_recognised(slug):
    assert str(kinds.get(slug).recognised_by).startswith("Recognised by")


# -- what is there already ---------------------------------------------------------------------------------------------


def test_a_record_that_is_there_is_shown_with_its_page(client):
    there = OrganizationFactory(name="日本電気", country="JP")
    _import, response = checked(client)
    assert tiles(response) == {"To add": 1, "Already there": 1, "To update": 0, "Problems": 0}
    first = next(iter(response.context["page_obj"]))
    assert first.duplicate["url"] == record_url(there)
    assert "日本電気" in first.duplicate["label"]
    assert "Recognised by the corporate number" in response.content.decode()


def test_what_happens_to_it_can_be_chosen(client):
    OrganizationFactory(name="日本電気", country="JP", city="")
    import_, response = checked(client)
    assert response.context["duplicate_form"]["duplicates"].value() == "skip"
    updated = client.post(page("check", import_), {"duplicates": "update"}, follow=True)
    assert tiles(updated)["To update"] == 1
    refused = client.post(page("check", import_), {"duplicates": "refuse"}, follow=True)
    assert tiles(refused)["Problems"] == 1
    assert next(iter(refused.context["page_obj"])).messages


def test_the_choice_is_not_offered_where_it_makes_no_difference(client):
    _import, response = checked(client)
    assert response.context["duplicate_form"] is None


def test_an_answer_that_is_not_offered_changes_nothing(client):
    import_, _response = checked(client)
    client.post(page("check", import_), {"duplicates": "overwrite everything"})
    assert Import.objects.get().duplicates == "skip"


def test_nothing_to_do_is_said(client):
    OrganizationFactory(name="日本電気", country="JP")
    import_, response = checked(client, "Name,Country\r\n日本電気,JP\r\n", ["name", "country"])
    assert "There is nothing to import" in response.content.decode()
    assert page("start", import_) not in response.content.decode()


# -- a corrected file --------------------------------------------------------------------------------------------------


def test_a_corrected_file_is_checked_at_once(client, django_capture_on_commit_callbacks):
    import_, _response = checked(client, WRONG, ["name", "country", "website"])
    storage, name = import_.file.storage, import_.file.name
    corrected = WRONG.replace("Atlantis", "DE").replace("nowhere at all", "https://example.com")
    assert client.get(page("replace", import_)).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(page("replace", import_), {"file": a_file(corrected)}, follow=True)
    assert tiles(response)["To add"] == 2
    assert Import.objects.get().mapping == ["name", "country", "website"]
    assert not storage.exists(name)


def test_a_file_with_other_headings_asks_for_its_columns(client):
    import_, _response = checked(client)
    response = client.post(page("replace", import_), {"file": a_file("Firma;Land\r\nWerk;DE\r\n")}, follow=True)
    assert response.context["table"]["headings"] == ["Firma", "Land"]
    assert Import.objects.get().mapping == []


def test_a_file_that_cannot_be_used_leaves_the_first_one(client):
    import_, _response = checked(client)
    response = client.post(page("replace", import_), {"file": a_file(b"%PDF-1.7", "x.pdf")})
    assert list(response.context["form"].errors) == ["file"]
    assert Import.objects.get().pk == import_.pk
    assert Import.objects.get().status == "checked"


# -- two windows -------------------------------------------------------------------------------------------------------


def test_an_import_is_started_as_it_was_shown_or_not_at_all(client):
    import_, response = checked(client)
    stamp = response.context["checked_stamp"]
    client.post(page("columns", import_), columns("name_en", "country", "", next="1"))  # in another window
    refused = client.post(page("start", import_), {"checked": stamp})
    assert "in another window" in messages_of(refused)[0]
    assert Import.objects.get().status == "checked"


def test_going_back_to_the_columns_needs_another_check(client):
    import_, _response = checked(client)
    client.post(page("columns", import_), columns("name", "", "", draft="1"))
    assert Import.objects.get().status == "uploaded"
    assert client.get(change_url(import_)).context["columns"]


# -- discarding --------------------------------------------------------------------------------------------------------


def test_discarding_asks_and_then_removes_the_file(client, django_capture_on_commit_callbacks):
    import_ = upload(client)
    storage, name = import_.file.storage, import_.file.name
    assert "Discard this import?" in client.get(page("discard", import_)).content.decode()
    assert Import.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(page("discard", import_))
    assert response["Location"] == list_url(Import)
    assert not Import.objects.exists()
    assert not storage.exists(name)


@pytest.mark.parametrize("status", ["checking", "waiting", "running", "done", "undoing", "undone"])
@pytest.mark.parametrize("name", ["discard", "replace", "reading", "columns"])
def test_what_is_under_way_is_not_decided_anew(name, status, client, officer):
    import_ = ImportFactory(user=officer, status=status)
    data = {"encoding": "utf-8", "delimiter": ";", **columns("name", ""), "next": "1", "file": a_file()}
    response = client.post(page(name, import_), data)
    assert response["Location"] == change_url(import_)
    assert Import.objects.get().status == status
    assert Import.objects.get().mapping == []


# -- where an import stands --------------------------------------------------------------------------------------------

LABELS = {
    "uploaded": "Uploaded", "checking": "Being checked", "checked": "Checked", "waiting": "Waiting",
    "running": "Running", "done": "Done", "failed": "Failed", "undoing": "Being undone", "undone": "Undone",
}  # fmt: skip


@pytest.mark.parametrize(("status", "label"), LABELS.items())
def test_the_list_says_where_each_stands(status, label, client, officer):
    ImportFactory(user=officer, status=status)
    assert f">{label}</span>" in client.get(list_url(Import)).content.decode()


def test_the_list_tells_of_problems(client, officer):
    ImportFactory(user=officer, status="checked", problem_count=1234)
    assert ">1,234 problems</span>" in client.get(list_url(Import)).content.decode()


@pytest.mark.parametrize("status", LABELS)
def test_every_status_has_a_page(status, client, officer):
    import_ = ImportFactory(user=officer, status=status, mapping=MAPPED[:2])
    assert client.get(change_url(import_)).status_code == 200


@pytest.mark.parametrize("status", ["checking", "waiting", "running", "undoing"])
def test_the_work_is_told_to_the_script_and_without_it(status, client, officer):
    now = timezone.now()
    import_ = ImportFactory(user=officer, status=status, rows_total=10_000, rows_added=10_000, started_at=now)
    with at_work(import_.pk) as report:
        report(2_500)
        Import.objects.update(rows_done=2_500)  # where the database row says it
        answer, response = client.get(page("progress", import_)).json(), client.get(change_url(import_))
    assert answer["working"] is True
    assert (answer["done"], answer["total"], answer["text"]) == (2500, 10000, "2,500 of 10,000 rows")
    content = response.content.decode()
    assert '<noscript><a class="button primary" href="?">See how far it is</a></noscript>' in content
    assert 'max="10000" value="2500"' in content
    assert answer["title"] in content


@pytest.mark.parametrize("status", ["uploaded", "checked", "done", "failed", "undone"])
def test_the_script_is_told_when_nothing_works_any_more(status, client, officer):
    import_ = ImportFactory(user=officer, status=status)
    assert client.get(page("progress", import_)).json() == {"working": False}


def test_without_the_worker_the_page_says_so(client, officer):
    import_ = ImportFactory(user=officer, status="waiting")
    assert client.get(change_url(import_)).context["worker_alive"] is False
    WorkerBeat.beat("here")
    assert client.get(change_url(import_)).context["worker_alive"] is True


def test_work_that_was_interrupted_can_be_started_again(client, officer):
    import_ = ImportFactory(user=officer, status="running", started_at=timezone.now(), rows_total=2)
    response = client.get(change_url(import_))
    assert response.context["again_url"] == page("start", import_)
    assert "It can be started again" in response.content.decode()
    assert client.get(page("progress", import_)).json() == {"working": False}
    client.post(page("start", import_))
    assert Import.objects.get().status == "waiting"


def test_a_check_that_was_interrupted_can_be_left_or_begun_anew(client):
    import_ = upload(client)
    Import.objects.update(status="checking", started_at=timezone.now(), mapping=MAPPED)
    assert page("check", import_) in client.get(change_url(import_)).content.decode()
    assert client.get(page("columns", import_)).status_code == 200
    assert tiles(client.post(page("check", import_), follow=True))["To add"] == 2


# -- the import and its result -----------------------------------------------------------------------------------------


def started(client, *args, **kwargs):
    """Checks, starts, and answers the import as the worker finds it."""
    import_, response = checked(client, *args, **kwargs)
    client.post(page("start", import_), {"checked": response.context["checked_stamp"]})
    import_.refresh_from_db()
    return import_


def test_the_start_leaves_the_work_to_the_worker(client):
    import_ = started(client)
    assert import_.status == "waiting"
    assert not Organization.objects.exists()
    assert "The import is about to start" in client.get(change_url(import_)).content.decode()


def test_starting_twice_imports_once(client):
    import_ = started(client)
    again = client.post(page("start", import_), {"checked": choices.fingerprint(import_)})
    assert messages_of(again)
    run(import_.pk)
    run(import_.pk)
    assert Organization.objects.count() == 2


def test_the_result_lists_what_came_of_each_row(client):
    import_ = started(client)
    run(import_.pk)
    response = client.get(change_url(import_))
    assert response.context["outcome"].title == "2 rows were imported"
    assert tiles(response) == {"Added": 2, "Updated": 0, "Already there": 0}
    rows = response.context["page_obj"].object_list
    assert [(row["number"], row["label"]) for row in rows] == [(2, "日本電気"), (3, "Falkenmoor GmbH")]
    assert rows[0]["url"] == record_url(Organization.objects.get(name="日本電気"))
    assert response.context["list_url"] == list_url(Organization)


def test_records_out_of_reach_stay_unnamed(client, officer):
    import_ = ImportFactory(user=officer, status="done", kind="leads")
    lead = LeadFactory(title="Of another station")
    ImportedRecordFactory(origin=import_, content_type=ContentType.objects.get_for_model(Lead), object_id=lead.pk)
    response = client.get(change_url(import_))
    (row,) = response.context["page_obj"].object_list
    assert (row["label"], row["url"]) == ("not shown", "")
    assert "Of another station" not in response.content.decode()


def test_the_result_reads_as_often_for_many_rows_as_for_one(client, officer):
    import_, counts = ImportFactory(user=officer, status="done"), []
    for _rows in range(3):
        ImportedRecordFactory(origin=import_)
        with CaptureQueriesContext(connection) as queries:
            client.get(change_url(import_))
        counts.append(len(queries))
    assert counts[1:] == [counts[1]] * 2
    assert counts[1] <= 14


def test_the_preview_reads_as_often_for_many_rows_as_for_one(client):
    counts = []
    for number in (1, 3):
        rows = "".join(f"Werk {index},DE,\r\n" for index in range(number))
        import_, _response = checked(client, "Name,Country,City\r\n" + rows)
        with CaptureQueriesContext(connection) as queries:
            client.get(change_url(import_))
        counts.append(len(queries))
    assert counts == [counts[0]] * 2
    assert counts[0] <= 14


def test_a_run_that_fails_says_why_and_stores_nothing(client):
    import_ = started(client)
    import_.file.delete()
    run(import_.pk)
    response = client.get(change_url(import_))
    assert response.context["outcome"].title == "This did not work. Nothing was stored."
    assert "no longer there" in response.context["outcome"].text
    assert page("replace", import_) in response.content.decode()
    assert not Organization.objects.exists()


def test_undoing_asks_with_the_numbers(client):
    import_ = started(client)
    run(import_.pk)
    content = client.get(page("undo", import_)).content.decode()
    assert "2 records that it added are removed." in content
    assert Organization.objects.count() == 2


def test_undoing_takes_everything_back(client, officer):
    import_ = started(client)
    run(import_.pk)
    response = client.post(page("undo", import_), follow=True)
    assert response.context["outcome"].title == "This import was undone"
    assert str(officer) in response.context["outcome"].text
    assert response.context["undo_url"] == ""
    assert not Organization.objects.exists()


def test_what_cannot_be_undone_is_named(client, tokyo_station):
    import_ = started(client)
    run(import_.pk)
    LeadFactory(organization=Organization.objects.get(name="日本電気"), station=tokyo_station, title="Battery plant")
    response = client.post(page("undo", import_))
    assert any("日本電気" in error for error in response.context["form"].non_field_errors())
    assert Organization.objects.count() == 2
    assert Import.objects.get().status == "done"


def undone_in_the_background(client, import_, monkeypatch):
    """Undoes as if there were many records; the worker has not come to it yet."""
    monkeypatch.setattr(undoing, "QUICK_RECORDS", 1)
    client.post(page("undo", import_))
    import_.refresh_from_db()
    return import_


def test_a_large_import_is_undone_in_the_background(client, officer, monkeypatch):
    import_ = started(client)
    run(import_.pk)
    undone_in_the_background(client, import_, monkeypatch)
    assert import_.status == "undoing"
    assert Organization.objects.count() == 2
    assert "The import is being undone" in client.get(change_url(import_)).content.decode()
    assert client.get(page("progress", import_)).json()["total"] == 2
    undoing.undo_import.func(import_.pk, officer.pk)
    assert Import.objects.get().status == "undone"
    assert Import.objects.get().undone_by == officer
    assert not Organization.objects.exists()


def test_what_stands_in_the_way_of_the_background_is_told_afterwards(client, officer, tokyo_station, monkeypatch):
    import_ = started(client)
    run(import_.pk)
    LeadFactory(organization=Organization.objects.get(name="日本電気"), station=tokyo_station)
    undone_in_the_background(client, import_, monkeypatch)
    undoing.undo_import.func(import_.pk, officer.pk)
    response = client.get(change_url(import_))
    assert response.context["outcome"].title == "The import could not be undone. Its records are all there."
    assert "日本電気" in response.context["outcome"].text
    assert Organization.objects.count() == 2


def test_undoing_that_was_interrupted_leaves_the_import_done(client, monkeypatch):
    import_ = started(client)
    run(import_.pk)
    undone_in_the_background(client, import_, monkeypatch)
    recognise_dead()
    assert Import.objects.get().status == "undoing"  # it waits for the worker, nobody died
    Import.objects.update(beat_at=timezone.now())
    assert page("undo", import_) in client.get(change_url(import_)).content.decode()
    recognise_dead()
    assert Import.objects.get().status == "done"
    assert "The program was stopped" in client.get(change_url(import_)).context["outcome"].text


@pytest.mark.parametrize("status", ["uploaded", "checked", "running", "failed", "undone"])
def test_only_what_is_done_is_undone(status, client, officer):
    import_ = ImportFactory(user=officer, status=status)
    assert client.post(page("undo", import_))["Location"] == change_url(import_)
    assert Import.objects.get().status == status


def test_a_large_file_is_checked_in_the_background(client):
    rows = "".join(f"Werk {number} mit einem langen Namen GmbH,DE,Stuttgart\r\n" for number in range(6000))
    import_, response = checked(client, "Name,Country,City\r\n" + rows)
    assert import_.size > QUICK_BYTES
    assert "The rows are being checked" in response.content.decode()
    assert Import.objects.get().status == "checking"


# -- the start page ----------------------------------------------------------------------------------------------------


def today(client):
    panels = client.get(reverse("admin:index")).context["today_panels"]
    return [row.cells[0] for panel in panels if panel.slug == "my-imports" for row in panel.rows]


def test_the_start_page_shows_what_waits_and_what_has_just_ended(client, officer):
    now = timezone.now()
    ImportFactory(user=officer, status="checked", file_name="waits.csv")
    ImportFactory(user=officer, status="running", file_name="works.csv")
    ImportFactory(user=officer, status="done", finished_at=now, file_name="has ended.csv")
    ImportFactory(user=officer, status="done", finished_at=now - datetime.timedelta(days=2), file_name="old.csv")
    ImportFactory(status="checked", file_name="of another.csv")
    assert sorted(today(client)) == ["has ended.csv", "waits.csv", "works.csv"]


def test_the_start_page_is_silent_without_imports(client, officer):
    ImportFactory(user=officer, status="done", finished_at=timezone.now() - datetime.timedelta(days=2))
    assert today(client) == []
