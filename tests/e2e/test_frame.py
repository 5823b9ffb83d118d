"""The frame of every page with the keyboard alone: command palette, sidebar, drawer, quick add, messages."""

import pytest

from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

WIDTHS = (1400, 390)
LANGUAGES = ("en", "zh-hans", "ja")


def open_palette(page):
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [data-palette-commands] .palette-item")


def labels(page):
    return page.locator("#palette .palette-item:visible > span").all_inner_texts()


def active(page):
    """What Enter opens, as a screen reader is told."""
    named = page.locator("#palette input").get_attribute("aria-activedescendant")
    return page.locator(f"#{named} > span").inner_text() if named else None


def focused(page):
    return (
        page.evaluate("document.activeElement.closest('[data-command], summary, a, button, input, dialog')?.outerHTML")
        or ""
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_any_page_opens_with_the_keyboard(sign_in, site, width):
    page = sign_in("tokyo", "en", width)
    open_palette(page)
    page.keyboard.type("contr")
    until(page, "document.querySelectorAll('#palette .palette-item:not([hidden])').length < 10")
    assert active(page) == "Add contract"
    page.keyboard.press("ArrowDown")
    assert active(page) == "Contracts"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/admin/projects/contract/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_record_opens_in_any_script(sign_in, site, language):
    page = sign_in("tokyo", language)
    open_palette(page)
    page.keyboard.type("日本电气")
    page.wait_for_selector("[data-palette-found] .palette-item")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/admin/crm/organization/*/")
    assert "NEC Corporation" in page.locator("main").inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_found_in_english_and_in_the_readers_language(sign_in, site, language):
    page = sign_in("tokyo", language)
    own = page.locator("#nav-sidebar a[href='/admin/crm/person/'] span").first.inner_text()
    for text in ("people", own):
        open_palette(page)
        page.keyboard.type(text)
        page.wait_for_timeout(100)
        assert own in labels(page)
        page.keyboard.press("Escape")


def test_enter_is_left_to_the_input_method_while_it_composes(sign_in):
    page = sign_in("tokyo", "ja")
    before = page.url
    open_palette(page)
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "けいやく", "selectionStart": 4, "selectionEnd": 4})
    everything = labels(page)
    for key in ("Enter", "ArrowDown"):  # a browser names each key that the input method takes "Process", 229
        page.locator("#palette input").dispatch_event("keydown", {"key": key, "keyCode": 229, "isComposing": True})
    assert (page.url, labels(page)) == (before, everything)
    session.send("Input.insertText", {"text": "契約"})
    until(page, "document.querySelectorAll('#palette .palette-item:not([hidden])').length < 10")
    assert "契約" in labels(page)


def test_actions_of_the_frame(sign_in, site):
    page = sign_in("tokyo", "en")
    for text, shown in (("dark", "dark"), ("light", "light")):
        open_palette(page)
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        assert page.locator("html").get_attribute("data-theme") == shown
    open_palette(page)
    page.keyboard.type("japanese")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("html").get_attribute("lang") == "ja"
    open_palette(page)
    page.keyboard.type("english")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    open_palette(page)
    page.keyboard.type("sign out")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"{site.url}/admin/")
    assert "/admin/login/" in page.url


def test_it_offers_what_the_page_offers(sign_in, site):
    page = sign_in("tokyo", "en")
    page.goto(f"{site.url}/admin/crm/lead/")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_load_state()
    open_palette(page)
    page.keyboard.type("history")
    assert active(page) == "History"
    page.keyboard.press("Enter")
    page.wait_for_url("**/history/")


def test_focus_stays_inside_and_comes_back(sign_in):
    page = sign_in("tokyo", "en")
    page.locator(".user-menu > summary").focus()
    open_palette(page)
    for _step in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('main, nav, header')")
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()
    assert "avatar" in focused(page)


def test_nothing_found_is_said(sign_in):
    page = sign_in("tokyo", "en")
    open_palette(page)
    page.keyboard.type("qqqqqqq")
    until(page, "document.querySelector('[data-palette-status]').textContent == 'Nothing was found'")
    assert labels(page) == ["Search everything"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/search/?q=qqqqqqq")


def test_the_palette_of_another_station_has_no_foreign_lead(sign_in, site):
    mine, other = sign_in("tokyo", "en"), sign_in("suzhou", "en")
    mine.goto(f"{site.url}/admin/crm/lead/")
    row = mine.locator("#result_list tbody th a").first
    address = row.get_attribute("href")
    number = f"L-{int(address.split('/')[-2]):06}"
    refused = other.request.get(f"{site.url}{address}").status
    open_palette(other)
    other.keyboard.type(number)
    other.wait_for_timeout(800)
    assert (other.locator(f"#palette a[href='{address}']").count() == 0) == (refused == 404)


def test_the_sidebar_and_its_groups_are_remembered(sign_in, site):
    page = sign_in("tokyo", "en")
    events = page.locator("#nav-sidebar details[data-group=events]")
    events.locator("summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    page.reload()
    assert events.get_attribute("open") is None
    page.locator(".topbar [data-toggle-sidebar]").focus()
    page.keyboard.press("Enter")
    page.reload()
    assert not page.locator("#nav-sidebar").is_visible()
    assert page.locator(".topbar [data-toggle-sidebar]").get_attribute("aria-expanded") == "false"
    page.locator(".topbar [data-toggle-sidebar]").click()
    assert page.locator("#nav-sidebar").is_visible()


def test_the_sidebar_counts(sign_in, site):
    page = sign_in("tokyo", "en")
    until(page, "document.querySelector('[data-count=\"crm.lead\"]').textContent")
    count = page.locator("[data-count='crm.lead']").inner_text()
    page.goto(f"{site.url}/admin/crm/lead/")
    assert page.locator(".list-tools .total").inner_text().split()[0] == count


def test_the_drawer_on_a_phone(sign_in):
    page = sign_in("tokyo", "en", 390)
    toggle = page.locator(".topbar [data-toggle-sidebar]")
    toggle.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.closest('#nav-sidebar') !== null")
    for _step in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('#container')")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.topbar [data-toggle-sidebar]')")
    toggle.click()
    page.wait_for_timeout(300)
    page.locator("#nav-sidebar").get_by_role("link", name="Leads").click()
    page.wait_for_url("**/admin/crm/lead/")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_quick_add(sign_in, site, width):
    page = sign_in("tokyo", "en", width)
    page.locator(".quick-add > summary").focus()
    page.keyboard.press("Enter")
    menu = page.locator(".quick-add .menu-panel")
    assert menu.is_visible()
    box = menu.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    menu.get_by_role("link", name="Add lead").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/admin/crm/lead/add/")


def test_good_news_goes_by_itself_and_can_be_dismissed(sign_in, site):
    page = sign_in("tokyo", "en")
    page.goto(f"{site.url}/admin/crm/lead/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
    page.wait_for_selector("[role=status]:has-text('was changed')", state="attached")
    page.locator(".messagelist").get_by_role("button", name="Dismiss").click()
    assert page.locator(".messagelist").count() == 0


def test_the_skip_link_leads_to_the_content(sign_in):
    page = sign_in("tokyo", "en")
    page.keyboard.press("Tab")
    assert "skip-link" in focused(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content-start"
