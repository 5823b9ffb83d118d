"""The pictures of the README and docs: `SCREENSHOTS=docs/screenshots make e2e ARGS="-k screenshots"` renews them."""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

PICTURES = [
    ("event-en", "tokyo", "en", 1400, False, "/admin/events/event/?search=Xiangcheng+conference"),
    ("lead-ja", "tokyo", "ja", 1400, False, "/admin/crm/lead/?search=L-000005"),
    ("project-zh-dark", "suzhou", "zh-hans", 1400, True, "/admin/projects/project/"),
    ("today-zh-phone", "suzhou", "zh-hans", 390, False, "/admin/"),
]


@pytest.mark.parametrize(("name", "username", "language", "width", "dark", "address"), PICTURES)
def test_screenshots(sign_in, site, tmp_path, name, username, language, width, dark, address):
    page = sign_in(username, language, width, dark)
    page.goto(f"{site.url}{address}")
    row = page.locator("#result_list tbody a[href^='/admin/']")
    if row.count():
        row.first.click()
    page.wait_for_load_state("networkidle")
    target = Path(os.environ.get("SCREENSHOTS", tmp_path)) / f"{name}.png"
    page.screenshot(path=target)
    assert target.stat().st_size > 20_000
