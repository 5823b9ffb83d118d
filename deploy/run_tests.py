"""Run the tests on SQLite and on a private PostgreSQL, and say at the end what ran where.

Options that are not listed below go to pytest: `python -m deploy.run_tests --db sqlite tests/core -k name`.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy import postgres
from deploy.test_env import test_environment

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNIT_TESTS = ["-n", "2", "-q"]
SYSTEM_TESTS = ["-m", "e2e", "-q", "tests/e2e"]
WITHOUT_BROWSER = ["-m", "e2e and not browser", "-q", "tests/e2e"]


@dataclass(frozen=True)
class Result:
    """What happened on one database; a skipped run is not a failure."""

    database: str
    outcome: str
    failed: bool = False


def run(arguments: list[str], environment: dict[str, str]) -> int:
    """Run Python in the project with this environment on top of the caller's; its output is not touched."""
    sys.stdout.flush()
    merged = {**os.environ, **environment}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=merged, check=False).returncode


def pytest_on(database: str, database_url: str | None, arguments: list[str]) -> Result:
    """One complete run in a data directory of its own."""
    print(f"\n===== {database} =====", flush=True)
    with tempfile.TemporaryDirectory(prefix="liaison-test-") as directory:
        environment = test_environment(Path(directory))
        if database_url:
            environment["DATABASE_URL"] = database_url
        # Compiled translations are not in the repository, and tests compare translated text.
        if run(["manage.py", "compile_translations"], environment):
            return Result(database, "FAILED (compile_translations)", failed=True)
        code = run(["-m", "pytest", *arguments], environment)
    return Result(database, f"FAILED (pytest exit code {code})" if code else "passed", failed=bool(code))


def on_sqlite(arguments: list[str], *, required: bool) -> Result:
    """SQLite is part of Python, so there is nothing that could be missing."""
    return pytest_on("SQLite", None, arguments)


def on_postgres(arguments: list[str], *, required: bool) -> Result:
    """Without a server the run is left out, but never in silence and never where it is required."""
    if postgres.find_binaries() is None:
        outcome = "NOT RUN: no PostgreSQL server found (on Debian: apt-get install postgresql)"
        return Result("PostgreSQL", outcome, failed=required)
    try:
        with postgres.cluster() as url:
            return pytest_on("PostgreSQL", url, arguments)
    except postgres.PostgresError as error:
        return Result("PostgreSQL", f"FAILED: {error}", failed=True)


DATABASES: dict[str, Callable[..., Result]] = {"sqlite": on_sqlite, "postgres": on_postgres}


def find_browser() -> str | None:
    """Debian's Chromium or a relative of it; CHROMIUM= names another one."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def prepare_browser() -> bool:
    """Tell the tests where the browser is; False when there is none."""
    browser = find_browser()
    if browser is None:
        return False
    os.environ["CHROMIUM"] = browser
    # Playwright's synchronous interface keeps an event loop in the thread, which Django takes for an async caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return True


def report(results: list[Result]) -> int:
    """The last lines of the output, after pytest's own."""
    print("\n===== databases =====")
    for result in results:
        print(f"{result.database}: {result.outcome}")
    return 1 if any(result.failed for result in results) else 0


def is_ci() -> bool:
    """CI services set CI=true; there a missing tool is an error, because nobody reads what was skipped."""
    return os.environ.get("CI", "").lower() in {"true", "1", "yes"}


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """No abbreviations: `-k` and friends belong to pytest."""
    parser = argparse.ArgumentParser(
        description=__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--e2e", action="store_true", help="the running product; in a browser on SQLite only")
    parser.add_argument("--db", choices=["", "all", *DATABASES], default="", help="run on this database only")
    parser.add_argument("--require-postgres", action="store_true", help="a missing PostgreSQL is a failure")
    return parser.parse_known_args(arguments)


def chosen_databases(options: argparse.Namespace) -> list[str]:
    """An empty choice is what `make` passes when nobody chose."""
    wanted = options.db or ("sqlite" if options.e2e else "all")
    return list(DATABASES) if wanted == "all" else [wanted]


def system_tests() -> list[str]:
    """Without a browser those that need none; in CI that is a failure at the first that does."""
    if prepare_browser():
        return SYSTEM_TESTS
    print("Browser tests NOT RUN: no Chromium. On Debian: apt-get install chromium; elsewhere: make e2e CHROMIUM=PATH")
    return SYSTEM_TESTS if is_ci() else WITHOUT_BROWSER


def main(arguments: list[str]) -> int:
    """Run everything that was asked for, even after a failure."""
    options, extra = parse(arguments)
    selection = system_tests() if options.e2e else UNIT_TESTS
    required = options.require_postgres or is_ci() or options.db == "postgres"
    return report([DATABASES[name](selection + extra, required=required) for name in chosen_databases(options)])


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
