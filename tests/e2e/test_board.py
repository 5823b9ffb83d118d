"""The board and the calendar in a browser: by mouse, by keyboard, by the menu, and on a phone."""

import re

import pytest

from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e
BOARD, PROJECTS, CALENDAR = "/admin/crm/lead/board/", "/admin/projects/project/board/", "/admin/calendar/"


def column(page, stage):
    return page.locator(f"[data-stage={stage}]")


def first_card(page, stage):
    return column(page, stage).locator("[data-card]").first


def card(page, title):
    return page.locator("[data-card]").filter(has=page.get_by_role("link", name=title, exact=True))


def stage_of(page, title):
    return card(page, title).evaluate("card => card.closest('[data-stage]').dataset.stage")


def count(page, stage):
    return int(column(page, stage).locator("[data-head] .count").inner_text())


def title_of(found):
    return found.get_attribute("data-title")


def wait_for_stage(page, title, stage):
    column(page, stage).get_by_role("link", name=title, exact=True).wait_for()
    until(page, "!document.querySelector('[data-busy]')")


def said(page):
    until(page, "document.getElementById('board-live').textContent")
    return page.locator("#board-live").inner_text()


@pytest.fixture
def board(sign_in, site):
    page = sign_in("tokyo")
    page.goto(f"{site.url}{BOARD}")
    page.wait_for_selector("#board[data-ready]")
    return page


def test_a_card_is_dragged_to_the_next_stage(board):
    title = title_of(first_card(board, "new"))
    before = count(board, "new"), count(board, "contacted")
    first_card(board, "new").drag_to(column(board, "contacted").locator("[data-head]"))
    wait_for_stage(board, title, "contacted")
    until(board, "document.getElementById('board-live').textContent")
    assert (count(board, "new"), count(board, "contacted")) == (before[0] - 1, before[1] + 1)
    board.reload()
    assert stage_of(board, title) == "contacted"


def test_a_card_cannot_be_dragged_where_the_flow_does_not_go(board):
    title = title_of(first_card(board, "contacted"))
    first_card(board, "contacted").drag_to(column(board, "converted").locator("[data-head]"))
    board.wait_for_timeout(300)
    assert stage_of(board, title) == "contacted"


def test_a_card_is_moved_by_the_keyboard_and_keeps_the_focus(board):
    title = title_of(first_card(board, "contacted"))
    first_card(board, "contacted").get_by_role("link").focus()
    board.keyboard.press("Space")
    assert "is picked up" in said(board)
    board.keyboard.press("ArrowRight")
    board.wait_for_selector("[data-stage=qualified][data-over]")
    board.keyboard.press("Space")
    wait_for_stage(board, title, "qualified")
    assert board.evaluate("() => document.activeElement.textContent") == title
    until(board, "document.getElementById('board-live').textContent.includes('moved on')")


def test_escape_leaves_the_card_where_it_was(board):
    title = title_of(first_card(board, "qualified"))
    first_card(board, "qualified").get_by_role("link").focus()
    for key in ("Space", "ArrowLeft", "Escape"):
        board.keyboard.press(key)
    until(board, "document.getElementById('board-live').textContent.includes('stays')")
    assert stage_of(board, title) == "qualified"


def test_arrows_go_from_card_to_card(board):
    titles = column(board, "qualified").locator(".board-card-title").all_inner_texts()
    first_card(board, "qualified").get_by_role("link").focus()
    board.keyboard.press("ArrowDown")
    assert board.evaluate("() => document.activeElement.textContent") == titles[1]


def test_the_menu_offers_the_moves_of_the_flow_and_asks_for_a_reason(board, complaints):
    title = title_of(first_card(board, "qualified"))
    card(board, title).locator("[data-card-menu]").click()
    assert board.get_by_role("menuitem").all_inner_texts() == ["Contacted", "Disqualified"]
    board.get_by_role("menuitem", name="Disqualified").click()
    dialog = board.get_by_role("dialog")
    dialog.locator("[name=reason]").fill("They chose another country.")
    dialog.get_by_role("button", name="Move", exact=True).click()
    dialog.get_by_text("Choose why the lead is lost.").or_(
        dialog.get_by_text("This field is required")
    ).first.wait_for()
    assert stage_of(board, title) == "qualified"
    dialog.locator("[name=reason]").fill("They chose another country.")
    dialog.locator("[name=lost_reason]").select_option(index=1)
    dialog.get_by_role("button", name="Move", exact=True).click()
    wait_for_stage(board, title, "disqualified")
    # The browser itself reports the one answer of 400.
    assert [text for text in complaints if "400" not in text] == []
    assert len(complaints) == 1
    complaints.clear()


def test_a_refused_move_puts_the_card_back_and_says_why(sign_in, site, complaints):
    page = sign_in("director")
    page.goto(f"{site.url}{PROJECTS}?status=on_hold")
    page.wait_for_selector("#board[data-ready]")
    held = page.locator("[data-card]").first
    title, before = title_of(held), held.evaluate("card => card.closest('[data-stage]').dataset.stage")
    held.locator("[data-card-menu]").click()
    page.get_by_role("menuitem").last.click()
    page.locator("#board-notice").wait_for()
    assert "Only an active project moves on" in page.locator("#board-notice").inner_text()
    assert stage_of(page, title) == before
    # The browser itself reports every answer of 400.
    assert all("400" in text for text in complaints)
    complaints.clear()


def test_a_phone_shows_one_stage_at_a_time(sign_in, site):
    page = sign_in("tokyo", width=390)
    page.goto(f"{site.url}{BOARD}")
    page.wait_for_selector("#board[data-ready]")
    page.locator("[data-stage-link=qualified]").click()
    shown = page.locator("[data-stage]:visible")
    assert shown.evaluate_all("all => all.map(one => one.dataset.stage)") == ["qualified"]
    title = title_of(first_card(page, "qualified"))
    card(page, title).locator("[data-card-menu]").click()
    page.get_by_role("menuitem", name="Contacted").click()
    page.get_by_role("dialog").locator("[name=reason]").fill("The quantities are open again.")
    page.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    card(page, title).wait_for(state="hidden")
    until(page, "!document.querySelector('[data-busy]')")


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("path", [BOARD, PROJECTS, CALENDAR, f"{CALENDAR}?view=week", f"{CALENDAR}?view=agenda"])
def test_no_page_scrolls_sideways(path, width, sign_in, site):
    page = sign_in("director", "zh-hans", width=width)
    page.goto(f"{site.url}{path}")
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_calendar_is_turned_by_keys(sign_in, site):
    page = sign_in("tokyo")
    page.goto(f"{site.url}{CALENDAR}?on=2019-07-02")
    assert page.locator("h1").inner_text() == "July 2019"
    assert page.locator(".cal").get_by_text("Japan Investment Promotion Conference").count() >= 1
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("2019-08-01"))
    assert page.locator("h1").inner_text() == "August 2019"
    page.keyboard.press("w")
    page.wait_for_url(re.compile("view=week"))
    page.keyboard.press("t")
    page.wait_for_selector("[data-today]")


def test_a_feed_is_made_and_read(sign_in, site):
    page = sign_in("tokyo")
    page.goto(f"{site.url}{CALENDAR}")
    page.get_by_role("link", name="Subscribe").click()
    page.get_by_role("button", name="Make the address").click()
    address = page.locator("#secret").inner_text()
    answer = page.request.get(address)
    assert answer.status == 200
    assert "BEGIN:VCALENDAR" in answer.text()
    page.goto(f"{site.url}/admin/calendar/feed/")
    page.get_by_role("button", name="Switch it off").click()
    page.wait_for_load_state()
    assert page.request.get(address).status == 404
