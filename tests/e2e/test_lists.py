"""Lists in a browser: saved views, columns, the quick look beside them."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

LEADS = "/admin/crm/lead/"
EVERYWHERE = pytest.mark.parametrize(("language", "width"), [("en", 1400), ("zh-hans", 1400), ("ja", 390), ("en", 390)])


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def open_list(page, site, query=""):
    page.goto(f"{site.url}{LEADS}{query}")


def save_view(page, name):
    page.locator(".view-tools details:has(#view-name) > summary").click()
    page.fill("#view-name", name)
    page.locator("form:has(#view-name) button[type=submit]").click()
    expect(page.locator(".view-tabs [aria-current]")).to_contain_text(name)


def delete_view(page):
    page.locator(".view-tools summary:has([href$='#more'])").click()
    page.locator("a[href$='/remove/']").click()
    page.locator("#content-main button[type=submit]").click()
    expect(page.locator(".view-tabs")).to_be_visible()


@EVERYWHERE
def test_a_view_is_saved_changed_and_deleted(sign_in, site, language, width):
    page, name = sign_in("tokyo", language, width), f"Contacted {language} {width}"
    open_list(page, site, "?stage=contacted")
    rows = page.locator("#result_list tbody tr").count()
    save_view(page, name)
    assert fits(page)
    page.locator(".view-tabs a").first.click()
    expect(page.locator(".chips")).to_have_count(0)
    page.locator(".view-tabs a", has_text=name).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(rows)
    page.locator(".chip a").first.click()
    expect(page.locator(".changed-mark")).to_have_count(1)
    page.locator("form[action$='/update/'] button").click()
    expect(page.locator(".changed-mark")).to_have_count(0)
    delete_view(page)
    expect(page.locator(".view-tabs a", has_text=name)).to_have_count(0)


@EVERYWHERE
def test_columns_and_density_stay_as_they_were_chosen(sign_in, site, language, width):
    page = sign_in("suzhou", language, width)
    open_list(page, site)
    menu = page.locator("details[data-columns]")
    menu.locator("summary").click()
    menu.locator("[value=station_display]").check()
    menu.locator("li:has([value=owner]) .move-up").click(force=True)
    menu.locator("[name=density][value=compact]").check()
    assert fits(page)
    menu.locator("button[type=submit]").first.click()
    open_list(page, site)
    expect(page.locator("#changelist")).to_have_attribute("data-density", "compact")
    codes = (
        page.locator("#result_list tbody tr")
        .first.locator("th, td")
        .evaluate_all("cells => cells.map(cell => cell.className)")
    )
    shown = [found[1] for cell in codes if (found := re.search(r"field-(\w+)", cell))]
    assert shown.index("owner") == shown.index("due") - 1
    assert shown[-1] == "station_display"
    assert fits(page)
    menu.locator("summary").click()
    menu.locator("[name=density][value=comfortable]").check()
    menu.locator("button[name=usual]").click()
    expect(page.locator("#changelist")).to_have_attribute("data-density", "comfortable")


@pytest.mark.parametrize("language", ["en", "zh-hans", "ja"])
def test_a_quick_look_loses_no_place(sign_in, site, language):
    page = sign_in("tokyo", language)
    open_list(page, site)
    address = page.url
    titles = page.locator("#result_list tbody .field-title").all_inner_texts()
    button = page.locator(".peek-button").first
    button.focus()
    page.keyboard.press("Enter")
    title = page.locator("#peek-title")
    expect(title).to_have_text(titles[0])
    expect(title).to_be_focused()
    page.keyboard.press("j")
    expect(title).to_have_text(titles[1])
    page.keyboard.press("k")
    expect(title).to_have_text(titles[0])
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_have_count(0)
    expect(button).to_be_focused()
    assert page.url == address
    page.locator("#result_list tbody tr").nth(1).locator(".field-stage_now").click()
    expect(title).to_have_text(titles[1])
    page.locator(".peek .button.primary").click()
    expect(page).to_have_url(re.compile(r"/lead/\d+/$"))


def test_on_a_phone_a_row_leads_to_the_record(sign_in, site):
    page = sign_in("tokyo", "ja", 390)
    open_list(page, site)
    expect(page.locator(".peek-button").first).to_be_hidden()
    page.locator("#result_list tbody tr").first.click()
    expect(page).to_have_url(re.compile(r"/lead/\d+/$"))


def test_without_scripts_views_and_columns_work(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/admin/login/?next={LEADS}")
    page.fill("[name=username]", "tokyo")
    page.fill("[name=password]", site.password)
    page.press("[name=password]", "Enter")
    page.locator("details[data-columns] > summary").click()
    page.locator("[name=column][value=station_display]").check()
    page.locator("details[data-columns] button[type=submit]").first.click()
    expect(page.locator("#result_list .field-station_display").first).to_be_visible()
    save_view(page, "Without scripts")
    delete_view(page)
    page.locator("details[data-columns] > summary").click()
    page.locator("details[data-columns] button[name=usual]").click()
    expect(page.locator("#result_list .field-station_display")).to_have_count(0)
    context.close()


def test_filters_are_found_by_typing(sign_in, site):
    page = sign_in("tokyo")
    open_list(page, site)
    page.locator(".filter-drawer > summary").click()
    page.fill("[data-filter-finder]", "channel")
    rows = page.locator(".drawer-body .form-row:visible")
    expect(rows).to_have_count(1)
    page.fill("[data-filter-finder]", "zzz")
    expect(page.locator("[data-filter-none]")).to_be_visible()
    page.fill("[data-filter-finder]", "country of")
    rows.first.locator(".select2-selection").click()
    page.locator(".select2-search__field").last.fill("japan")
    page.locator(".select2-results__option", has_text="Japan").click()
    page.locator(".drawer-foot .primary").click()
    expect(page.locator(".chip")).to_contain_text("Japan")
