"""Bringing files in, as an officer does it in a browser: a list from a trade fair, our own export, large files."""

import csv
import io

import pytest

pytestmark = pytest.mark.e2e

FAIR = [
    ["氏名", "会社名", "役職", "メール", "電話"],
    ["青木 一郎", "日本電気株式会社", "部長", "aoki@example.jp", "03-1234-5678"],
    ["髙橋 花子", "日本エアーテック株式会社", "課長", "takahashi@@example", "03-9876-5432"],
    ["山﨑 次郎", "日本電気株式会社", "", "yamazaki@example.jp", ""],
]
WORK_SECONDS = 60


def as_csv(rows, encoding="utf-8-sig", delimiter=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def choose_file(page, name, content):
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.locator("#import_form button.primary").click()
    page.wait_for_load_state()


def upload(page, site, path, name, content):
    """From the list of records to the first rows of the file."""
    page.goto(f"{site.url}{path}")
    page.locator(".page-actions a[href*='/core/import/add/']").click()
    choose_file(page, name, content)


def go_on(page):
    page.locator("button[name=next]").click()
    page.wait_for_load_state()


def tiles(page):
    names, counts = page.locator(".tile dt").all_inner_texts(), page.locator(".tile dd").all_inner_texts()
    return dict(zip(names, (int(count.replace(",", "")) for count in counts), strict=True))


def until_done(page):
    """The page itself goes on when the work is done."""
    page.locator(".import-table, .note-box[data-tone=red]").first.wait_for(timeout=WORK_SECONDS * 1000)


def start(page):
    page.locator(".import-submit button.primary").click()
    until_done(page)


def test_people_from_a_trade_fair_in_the_character_set_of_japanese_excel(sign_in, site, complaints):
    page = sign_in("tokyo", "en")
    upload(page, site, "/admin/crm/person/", "fair.csv", as_csv(FAIR, "cp932"))
    assert page.locator("#id_encoding").input_value() == "cp932"
    assert page.locator(".import-table tbody tr").nth(1).inner_text().startswith("3")
    assert "髙橋 花子" in page.locator(".import-table").inner_text()
    go_on(page)
    assert all(select.input_value() for select in page.locator(".import-columns select").all())
    go_on(page)

    assert tiles(page)["Problems"] == 1
    wrong = page.locator("td.has-problem")
    assert wrong.count() == 1
    assert page.locator(f"#{wrong.get_attribute('aria-describedby')}").inner_text()
    assert page.locator(".import-submit button.primary").count() == 0
    page.get_by_role("link", name="Only with problems").click()
    assert page.locator(".import-rows tbody th").all_inner_texts() == ["3"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Problems as CSV").click()
    listed = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert (len(listed), listed[1][:2]) == (2, ["3", "メール"])

    page.get_by_role("link", name="Upload the corrected file").click()
    corrected = [*FAIR[:2], [*FAIR[2][:3], "takahashi@example.jp", FAIR[2][4]], FAIR[3]]
    choose_file(page, "fair.csv", as_csv(corrected, "cp932"))
    assert tiles(page) == {"To add": 3, "Already there": 0, "To update": 0, "Problems": 0}
    start(page)
    assert tiles(page)["Added"] == 3
    names = page.locator(".import-records td a").all_inner_texts()
    assert any("髙橋" in name for name in names)

    page.locator(".import-records td a").first.click()
    page.wait_for_load_state()
    assert "aoki@example.jp" in page.content()
    page.go_back()
    page.get_by_role("link", name="Undo").click()
    page.locator("button[data-tone=red]").click()
    page.get_by_text("This import was undone").wait_for(timeout=WORK_SECONDS * 1000)
    page.goto(f"{site.url}/admin/crm/person/?search=髙橋+花子")
    assert page.locator("#result_list").count() == 0
    assert complaints == []


def test_a_list_with_semicolons_shows_its_progress(sign_in, site, complaints):
    page = sign_in("tokyo", "ja")
    rows = [["Name", "Country", "City"], *([f"Testwerk {number} GmbH", "DE", "Stuttgart"] for number in range(400))]
    upload(page, site, "/admin/crm/organization/", "werke.csv", as_csv(rows, delimiter=";"))
    assert page.locator("#id_delimiter").input_value() == ";"
    go_on(page)
    go_on(page)
    assert list(tiles(page).values()) == [400, 0, 0, 0]
    page.locator(".import-submit button.primary").click()
    page.wait_for_load_state()
    page.goto(f"{site.url}/admin/")  # the work goes on without its page
    row = page.locator("#panel-my-imports").get_by_role("link", name="werke.csv")
    row.click()
    until_done(page)
    assert list(tiles(page).values()) == [400, 0, 0]
    assert complaints == []


def test_our_own_workbook_comes_back_without_a_question(sign_in, site, complaints):
    page = sign_in("tokyo", "zh-hans")
    exported = page.request.get(f"{site.url}/admin/crm/organization/export/?format=xlsx&search=NEC").body()
    upload(page, site, "/admin/crm/organization/", "export.xlsx", exported)
    go_on(page)
    assert page.locator(".note-box[data-tone=green]").count() == 1
    assert page.locator(".import-columns select").first.input_value()
    go_on(page)
    counts = list(tiles(page).values())
    assert counts[0] == 0
    assert counts[1] >= 1
    assert counts[3] == 0
    assert page.locator(".duplicate a[href*='/organization/']").count() >= 1
    assert page.locator(".import-submit button.primary").count() == 0  # nothing to do
    assert complaints == []


def test_choices_are_kept_when_one_leaves(sign_in, site, complaints):
    page = sign_in("tokyo", "en")
    upload(page, site, "/admin/crm/organization/", "left.csv", as_csv([["Firma", "Land"], ["Werk A", "DE"]]))
    go_on(page)
    page.locator("[name=column-0]").select_option("name_en")
    page.locator("[data-draft-state]").get_by_text("Saved").wait_for()
    page.goto(f"{site.url}/admin/core/import/")
    page.get_by_role("link", name="left.csv").click()
    assert page.locator("[name=column-0]").input_value() == "name_en"
    page.get_by_role("link", name="Discard").click()
    page.locator("button[data-tone=red]").click()
    assert page.get_by_role("link", name="left.csv").count() == 0
    assert complaints == []


def test_a_file_that_is_too_large_is_told_before_it_is_sent(sign_in, site, complaints):
    page = sign_in("tokyo", "en")
    page.goto(f"{site.url}/admin/core/import/add/?kind=people")
    large = {"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * (21 * 2**20)}
    page.set_input_files("input[type=file]", large)
    assert "At most 20 MB" in page.locator("[data-drop-warning]").inner_text()
    assert page.locator("[data-drop-title]").inner_text() == "large.csv"
    page.locator("#import_form button.primary").click()
    assert page.url.endswith("/add/?kind=people")
    assert complaints == []


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("en", 1400, True), ("ja", 390, False), ("zh-hans", 390, True)]
)
def test_every_step_fits(sign_in, site, complaints, language, width, dark):
    page = sign_in("tokyo", language, width, dark)

    def fits():
        return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    page.goto(f"{site.url}/admin/core/import/add/?kind=people")
    assert fits()
    choose_file(page, "fair.csv", as_csv(FAIR, "cp932"))
    assert fits()
    go_on(page)
    assert fits()
    go_on(page)
    assert page.locator("td.has-problem").count() == 1
    assert fits()
    assert complaints == []


def test_what_the_file_does_not_say_is_chosen_for_all_rows(sign_in, site, complaints):
    page = sign_in("events", "en")
    rows = [["Person", "Organization"], ["Gu Haidong", ""]]
    upload(page, site, "/admin/events/guest/", "guests.csv", as_csv(rows))
    go_on(page)
    page.locator(".import-rest .select2-selection").first.click()
    page.locator(".select2-search__field").fill("Making Together")
    page.locator(".select2-results__option", has_text="Making Together").first.click()
    page.locator("[data-draft-state]").get_by_text("Saved").wait_for()
    page.reload()
    assert "Making Together" in page.locator(".import-rest .select2-selection").first.inner_text()
    go_on(page)
    assert tiles(page) == {"To add": 1, "Already there": 0, "To update": 0, "Problems": 0}
    assert complaints == []
