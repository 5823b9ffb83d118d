"""The main job without a mouse: find a company, write down a call, add a lead, move it, see it on the board."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

MOST_TABS = 120


def tab_to(page, target):
    """Presses Tab until the target has the focus, and shows that it has."""
    for _step in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("target => target === document.activeElement"):
            assert target.evaluate("target => target.matches(':focus-visible')")
            return
    raise AssertionError(f"not reached with {MOST_TABS} tabs: {target}")


def press(page, target):
    tab_to(page, target)
    page.keyboard.press("Enter")


def go_to(page, text, found):
    """Through the command palette."""
    page.keyboard.press("Control+k")
    page.keyboard.type(text)
    expect(page.locator("#palette .palette-item[aria-selected=true] > span")).to_have_text(found)
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()


def test_from_a_company_to_a_lead_on_the_board(sign_in, site):
    page = sign_in("tokyo", "en")
    go_to(page, "NEC Corporation", "NEC Corporation")
    page.wait_for_url(f"{site.url}/admin/crm/organization/*/")

    press(page, page.get_by_role("link", name="Log a talk"))
    subject = page.locator("#log_subject")
    if not subject.evaluate("field => field === document.activeElement"):
        tab_to(page, subject)
    page.keyboard.type("Asked by phone for a visit")
    press(page, page.locator("#quick-log-form").get_by_role("button", name="Save"))
    expect(page.locator("#timeline .event", has_text="Asked by phone for a visit")).to_have_count(1)

    press(page, page.get_by_role("link", name="Add lead"))
    page.wait_for_url("**/admin/crm/lead/add/**")
    tab_to(page, page.locator("#id_title"))
    page.keyboard.type("By keyboard alone")
    press(page, page.locator("[name=_save]"))
    expect(page.locator("h1")).to_have_text("By keyboard alone")

    press(page, page.locator(".stage-bar").get_by_role("button", name="Contacted"))
    expect(page.locator(".stage-bar [aria-current]")).to_contain_text("Contacted")

    go_to(page, "leads", "Leads")
    page.wait_for_url(f"{site.url}/admin/crm/lead/")
    press(page, page.get_by_role("link", name="Board", exact=True))
    page.wait_for_selector("#board[data-ready]")
    card = page.locator("[data-stage=contacted]").get_by_role("link", name="By keyboard alone")
    tab_to(page, card)
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator("[data-stage=qualified]").get_by_role("link", name="By keyboard alone")).to_be_focused()
