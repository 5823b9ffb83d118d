"""The start page: what each reader finds there, with the keyboard, on a screen and a phone."""

import csv
import io

import pytest

pytestmark = pytest.mark.e2e

WIDTHS = (1400, 390)


def whole(page):
    """Waits for the parts that come beside the page, and answers the slugs of its panels."""
    page.wait_for_selector("[data-part]:not([aria-busy]) .figure")
    page.wait_for_selector(".today-more:not([aria-busy]) .panels")
    return page.locator(".panel").evaluate_all("panels => panels.map(panel => panel.id.replace('panel-', ''))")


@pytest.mark.parametrize(
    ("username", "first", "there", "absent"),
    [
        ("tokyo", "my-next-steps", {"overdue", "replies-due", "recent-changes"}, set()),
        ("events", "upcoming-events", {"answers-awaited"}, {"projects", "contracts-without-document"}),
        ("contracts", "contracts-without-document", {"contracts-to-record", "projects"}, {"overdue", "replies-due"}),
        ("director", "my-next-steps", {"overdue", "projects", "answers-awaited"}, set()),
    ],
)
def test_each_finds_the_own_work_first(sign_in, username, first, there, absent):
    # An import that waits to be gone on with stands above all; other tests may have left one.
    found = [slug for slug in whole(sign_in(username)) if slug != "my-imports"]
    assert found[0] == first
    assert there <= set(found)
    assert not absent & set(found)


def test_no_panel_stands_there_twice(sign_in):
    found = whole(sign_in("director"))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_next_step_opens_with_the_keyboard(sign_in, width):
    page = sign_in("tokyo", "en", width)
    link = page.locator("#panel-my-next-steps .row-link").first
    title = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/crm/lead/*/")
    assert page.locator("h1").inner_text() == title


@pytest.mark.parametrize("width", WIDTHS)
def test_the_figures_have_a_table_and_a_file_with_as_many_records(sign_in, site, width):
    page = sign_in("tokyo", "en", width)
    whole(page)
    figure = page.locator(".figure").filter(has=page.get_by_role("link", name="New leads"))
    figure.locator("summary").focus()
    page.keyboard.press("Enter")
    counts = [int(text) for text in figure.locator("tbody td").all_inner_texts()]
    assert len(counts) == 13
    assert counts[0] == int(figure.locator(".figure-number").inner_text().split()[0])
    address = figure.get_by_role("link", name="These records as CSV").get_attribute("href")
    content = page.request.get(f"{site.url}{address}").body().decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(content)))) == sum(counts)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_without_a_script_the_rest_is_a_link_away(site, browser, sign_in):
    signed_in = sign_in("tokyo")
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    page = context.new_page()
    page.goto(f"{site.url}/admin/")
    page.get_by_role("link", name="More of today").click()
    assert page.locator(".panel").count() >= 3
    page.goto(f"{site.url}/admin/")
    page.locator(".today-figures").get_by_role("link", name="Show all").click()
    assert page.locator(".figure").count() == 5
    context.close()
