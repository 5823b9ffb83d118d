"""The agency's main job, as the officer in Tokyo does it in a browser."""

import csv
import io

import openpyxl
import pytest

from core.spreadsheet_text import restore

pytestmark = pytest.mark.e2e

CONFERENCE = "Japan Investment Promotion Conference"


def search(page, site, path, text):
    page.goto(f"{site.url}{path}")
    page.fill("#changelist input[name=search]", text)
    page.press("#changelist input[name=search]", "Enter")
    page.wait_for_load_state()


def open_row(page, text):
    page.locator("#result_list").get_by_role("link", name=text).first.click()
    page.wait_for_load_state()


def panel(page, title):
    return page.locator(".panel").filter(has=page.get_by_role("heading", name=title))


def save(page):
    """Leads back to the page on which the record is read."""
    page.click("[name=_save]")
    page.wait_for_load_state()
    assert page.locator(".errornote, .errorlist").count() == 0


def edit(page):
    page.get_by_role("link", name="Edit", exact=True).click()
    page.wait_for_load_state()


def test_finds_nec_by_its_alias(sign_in, site):
    page = sign_in("tokyo", "ja")
    search(page, site, "/admin/crm/organization/", "NEC")
    open_row(page, "日本電気株式会社")
    assert page.locator("h1").inner_text() == "日本電気株式会社"
    assert "NEC Corporation" in page.locator("main").inner_text()


def test_sees_the_conference_with_sessions_and_guests(sign_in, site):
    page = sign_in("tokyo", "en")
    search(page, site, "/admin/events/event/", "Xiangcheng conference")
    open_row(page, CONFERENCE)
    programme = panel(page, "Programme")
    assert programme.locator("tbody tr").count() == 5
    assert "Gu Haidong" in programme.inner_text()
    assert "1 of 5 named" in programme.inner_text()
    assert panel(page, "Guests").locator("tbody tr").count() >= 2
    assert "3 of 8 recorded" in panel(page, "Batches").inner_text()


def test_sees_the_zone_and_its_three_contracts(sign_in, site):
    page = sign_in("tokyo", "en")
    search(page, site, "/admin/projects/zone/", "Smart Manufacturing")
    open_row(page, "China-Japan Smart Manufacturing Cooperative Innovation Zone")
    contracts = panel(page, "Contracts")
    assert contracts.locator("tbody tr").count() == 3
    assert "3 of 8 recorded" in contracts.inner_text()


def add_lead(page, site, title, next_step, notes):
    """Adds a lead from NEC's page, as somebody does who has just met them."""
    search(page, site, "/admin/crm/organization/", "NEC")
    open_row(page, "日本電気株式会社")
    panel(page, "Leads").get_by_role("link", name="Add lead").click()
    page.wait_for_load_state()
    assert "NEC" in page.locator("#select2-id_organization-container").inner_text()
    page.fill("#id_title", title)
    page.fill("#id_next_step", next_step)
    page.fill("#id_notes", notes)
    save(page)


def test_works_a_lead_and_takes_it_away(sign_in, site):
    page = sign_in("tokyo", "en")
    add_lead(page, site, "髙島屋 -5", "+81 3-1234-5678", "line one\nline two")
    page.locator(".stage-bar").get_by_role("button", name="Contacted").click()
    page.wait_for_load_state()
    assert page.locator(".stage-bar [aria-current]").inner_text().strip().startswith("Contacted")
    assert "New → Contacted" in panel(page, "Timeline").inner_text()
    edit(page)
    page.fill("#id_next_step_on", "2030-01-31")
    save(page)
    assert "31 Jan 2030" in page.locator("#next-step").inner_text()

    add_lead(page, site, "-5", "=1+1", "@ 髙島屋")
    page.goto(f"{site.url}/admin/crm/lead/")
    page.get_by_text("Filters", exact=True).first.click()
    page.select_option("select[name=stage]", "contacted")
    page.locator("form:has(select[name=stage]) [type=submit]").last.click()
    page.wait_for_load_state()
    assert page.locator("#result_list").get_by_role("link", name="髙島屋 -5").count() == 1
    assert page.locator("#result_list").get_by_role("link", name="-5", exact=True).count() == 0

    search(page, site, "/admin/crm/lead/", "NEC -5")
    plain, workbook = download(page, "CSV"), download(page, "XLSX")
    compare_csv(plain)
    compare_xlsx(workbook)
    assert csv_cells(plain) == xlsx_cells(workbook)


def download(page, name):
    link = page.get_by_role("link", name=name, exact=True)
    if not link.is_visible():
        page.get_by_text("Export", exact=True).first.click()
    with page.expect_download() as started:
        link.click()
    return started.value.path().read_bytes()


def compare_csv(content):
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    by_title = {restore(row["Title"]): row for row in rows}
    assert set(by_title) == {"髙島屋 -5", "-5"}
    first, second = by_title["髙島屋 -5"], by_title["-5"]
    assert first["Next step"] == "+81 3-1234-5678"
    assert first["Notes"] == "line one\r\nline two"
    assert first["Next step on"] == "2030-01-31"
    assert first["Stage"] == "Contacted"
    assert first["Organization"] == "NEC Corporation"
    assert second["Title"] == "-5"
    assert second["Next step"] == "'=1+1"
    assert restore(second["Next step"]) == "=1+1"


def compare_xlsx(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    heading, *rows = sheet.iter_rows(values_only=True)
    by_title = {row[heading.index("Title")]: dict(zip(heading, row, strict=True)) for row in rows}
    assert set(by_title) == {"髙島屋 -5", "-5"}
    assert by_title["髙島屋 -5"]["Next step"] == "+81 3-1234-5678"
    assert by_title["髙島屋 -5"]["Next step on"].date().isoformat() == "2030-01-31"
    assert by_title["-5"]["Next step"] == "=1+1"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def csv_cells(content):
    """All cells, headings first, as they were before they were made inert."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [[restore(cell).replace("\r\n", "\n") for cell in row] for row in rows]


def xlsx_cells(content):
    """All cells as the CSV writes them; a workbook has true numbers and dates instead of text."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[as_text(cell) for cell in row] for row in sheet.iter_rows()]


def as_text(cell):
    if cell.value is None:
        return ""
    if not cell.is_date:
        return str(cell.value).replace("_x000D_", "").replace("\r\n", "\n")
    return cell.value.strftime("%Y-%m-%d %H:%M" if "h" in cell.number_format.lower() else "%Y-%m-%d")


@pytest.mark.parametrize(("language", "heading"), [("en", "Next step on"), ("zh-hans", "下一步"), ("ja", "次の対応")])
def test_headings_are_in_the_readers_language(sign_in, site, language, heading):
    page = sign_in("tokyo", language)
    content = page.request.get(f"{site.url}/admin/crm/lead/export/?format=csv").body().decode("utf-8-sig")
    assert heading in content.splitlines()[0]


def test_a_stale_form_keeps_what_was_typed(sign_in, site):
    first, second = sign_in("tokyo", "en"), sign_in("director", "en")
    add_lead(first, site, "Two at once", "call", "")
    edit(first)
    second.goto(first.url)
    second.fill("#id_next_step", "theirs")
    save(second)
    first.fill("#id_next_step", "mine")
    first.click("[name=_save]")
    first.wait_for_load_state()
    assert "theirs" in first.locator("#conflict").inner_text()
    assert first.input_value("#id_next_step") == "mine"
    save(first)
    assert "mine" in first.locator("#next-step").inner_text()
