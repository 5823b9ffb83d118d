"""The product as a newcomer starts it (`deploy.demo`, that is `make demo`), driven with a real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
READY_SECONDS = 120


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@dataclass(frozen=True)
class Site:
    url: str
    password: str
    data_dir: Path

    def manage(self, *arguments):
        """Runs a management command on the site's own data and answers what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        environment = {**os.environ, "DATA_DIR": str(self.data_dir), **_database(self.data_dir)}
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def _database(data_dir):
    """PostgreSQL where the runner gave one; otherwise the SQLite file that the demo itself would use."""
    url = os.environ.get("DATABASE_URL", "")
    return {"DATABASE_URL": url if url.startswith("postgres") else f"sqlite:///{data_dir / 'liaison.sqlite3'}"}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(url, process, path="readyz"):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/{path}", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"the demo is not ready (exit code {process.poll()})")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("demo")
    port = _free_port()
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "DATA_DIR": str(data_dir), "DEMO": "true"}
    command = [sys.executable, "-m", "deploy.demo"]
    with (data_dir / "output.txt").open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | _database(data_dir), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield Site(f"http://127.0.0.1:{port}", (data_dir / "demo-password").read_text().strip(), data_dir)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
    assert code == 0, (data_dir / "output.txt").read_text()[-2000:]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=FLAGS)
        yield browser
        browser.close()


# The browser reports what it blocked on the console too, but not from every kind of frame and worker.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


class Complaints(list):
    """What a page said on its console: errors, violations of the content security policy, uncaught exceptions."""

    def listen(self, page):
        page.add_init_script(TELL_VIOLATIONS)
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))


@pytest.fixture
def complaints():
    return Complaints()


@pytest.fixture
def sign_in(site, browser, complaints):
    """`sign_in("tokyo", language="en", width=1400)` answers a page of that user; nothing it shows may complain."""
    contexts = []

    def enter(username, language="en", width=1400, dark=False):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            locale="en-GB",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        page.goto(f"{site.url}/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", site.password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{site.url}/admin/")
        if page.locator("html").get_attribute("lang").lower() != language.lower():
            page.locator(f".languages button[value='{language}']").first.click()
            page.wait_for_load_state()
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []
