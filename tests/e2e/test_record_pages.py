"""Reading, editing and writing down talks, in a browser, on a laptop and on a phone."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
WIDTHS = [1400, 390]


@pytest.fixture(params=WIDTHS)
def page(request, sign_in):
    return sign_in("tokyo", "en", request.param)


def open_first(page, site, path, text):
    page.goto(f"{site.url}{path}?search={text}")
    page.locator("#result_list tbody th a, #result_list tbody td a").first.click()
    page.wait_for_load_state()


def timeline(page):
    return page.locator("#timeline")


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def settled(page):
    """The widgets have filled themselves in, so that what is typed from now on is a change."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(100)


def test_read_edit_save_and_read_again(page, site):
    open_first(page, site, "/admin/crm/lead/", "L-000005")
    reading = page.url
    assert re.search(r"/admin/crm/lead/5/", reading)
    assert page.locator("form.record-form").count() == 0
    page.locator("h1").click()
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/change/"))
    page.fill("#id_next_step", "Send the water report")
    page.fill("#id_next_step_on", "2031-03-01")
    page.locator("[name=_save]").click()
    page.wait_for_url(lambda url: "/change/" not in url)
    assert page.url == reading
    expect(page.locator("#next-step")).to_contain_text("Send the water report")
    expect(timeline(page).locator(".event").first).to_contain_text("Send the water report")
    assert fits(page)


def test_a_call_is_written_down_where_one_reads(page, site):
    open_first(page, site, "/admin/crm/organization/", "NEC")
    page.get_by_role("link", name="Log a talk").click()
    expect(page.locator("#quick-log [name=kind]")).to_be_visible()
    page.locator("#quick-log-form").get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    expect(page.locator("#quick-log .field-subject .errorlist")).to_be_visible()
    width = page.viewport_size["width"]
    page.fill("#log_subject", f"Asked about power at {width}")
    page.fill("#log_minutes", "They need 20 MW.")
    page.locator("#quick-log-form").get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    entry = timeline(page).locator(".event").filter(has_text=f"Asked about power at {width}")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("They need 20 MW.")
    assert fits(page)


def test_what_was_typed_stays_where_it_was_wrong(page, site):
    open_first(page, site, "/admin/crm/organization/", "NEC")
    page.get_by_role("link", name="Log a talk").click()
    page.fill("#log_minutes", "They need 20 MW.")
    page.locator("#quick-log-form").get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    expect(page.locator("#log_minutes")).to_have_value("They need 20 MW.")
    expect(page.locator("#log_subject")).to_be_focused()


def test_unsaved_input_is_told_and_not_lost_by_a_click(page, site):
    page.goto(f"{site.url}/admin/crm/lead/5/change/")
    settled(page)
    expect(page.locator(".unsaved")).to_be_empty()
    page.fill("#id_notes", "half a sentence")
    expect(page.locator(".unsaved")).to_have_text("Unsaved changes")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#leave-dialog")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Stay on this page").click()
    assert page.input_value("#id_notes") == "half a sentence"
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Leave without saving").click()
    page.wait_for_url(re.compile(r"/lead/5/$"))


def test_closing_the_page_asks_first(page, site):
    page.goto(f"{site.url}/admin/crm/lead/5/change/")
    settled(page)
    page.fill("#id_notes", "half a sentence")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]


def test_a_form_without_changes_lets_go(page, site):
    page.goto(f"{site.url}/admin/crm/organization/2/change/")
    settled(page)
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(re.compile(r"/organization/2/$"))


def test_the_summary_of_errors_leads_to_the_fields(page, site):
    page.goto(f"{site.url}/admin/crm/lead/add/")
    settled(page)
    page.fill("#id_likelihood", "500")
    page.click("[name=_save]")
    page.wait_for_load_state()
    summary = page.locator("#form-errors")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Likelihood").click()
    expect(page.locator("#id_likelihood")).to_be_focused()
    summary.get_by_role("link", name="Organization").click()
    focused = page.evaluate("document.activeElement.closest('.form-row').className")
    assert "field-organization" in focused
    assert fits(page)


def test_a_new_organization_beside_the_form_costs_nothing_of_it(page, site):
    page.goto(f"{site.url}/admin/crm/lead/add/")
    settled(page)
    page.fill("#id_title", "Half filled in")
    name = f"New Works {page.viewport_size['width']}"
    with page.expect_popup() as opened:
        page.click("#add_id_organization")
    popup = opened.value
    popup.fill("#id_name", name)
    popup.select_option("#id_country", "JP")
    assert fits(popup)
    popup.click("[name=_save]")
    expect(page.locator("#select2-id_organization-container")).to_contain_text(name)
    assert page.input_value("#id_title") == "Half filled in"


TALKS = """
from crm.models import Interaction, Lead
lead = Lead.objects.get(pk=6)
for number in range(25):
    Interaction.objects.create(lead=lead, station=lead.station, subject=f"talk {number}", kind="call")
"""


def test_earlier_entries_are_added_below(page, site):
    site.manage("shell", "--no-imports", "-v", "0", "-c", TALKS)
    page.goto(f"{site.url}/admin/crm/lead/6/?kind=talks")
    entries = timeline(page).locator(".event")
    expect(entries).to_have_count(20)
    page.get_by_role("link", name="Show earlier").click()
    expect(entries.nth(24)).to_be_visible()
    assert page.url.endswith("?kind=talks")
    expect(entries.nth(20)).to_be_focused()
    months = timeline(page).locator("h3").all_inner_texts()
    assert len(months) == len(set(months))
