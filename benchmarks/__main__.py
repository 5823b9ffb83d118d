"""`make bench`: every measurement on both databases, each with a sample of its own, and one table in the end.

N=1000000 says how many leads, ONLY=csv,api which measurements, DB=sqlite which database. Answers 1 if a limit is
broken or a measurement stopped with an error.
"""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.report import Line, figure, table
from deploy import postgres
from deploy.test_env import ROOT, test_environment

# In this order: what writes comes last.
MODULES = {
    "sample": "sample",
    "csv": "csv_export",
    "lists": "lists",
    "search": "search",
    "api": "api",
    "memory": "peaks",
    "import": "importing",
}


@contextlib.contextmanager
def on_sqlite(directory: Path) -> Iterator[str]:
    yield f"sqlite:///{directory / 'bench.sqlite3'}"


@contextlib.contextmanager
def on_postgres(directory: Path) -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


DATABASES: dict[str, tuple[str, Callable[[Path], contextlib.AbstractContextManager[str]]]] = {
    "sqlite": ("SQLite", on_sqlite),
    "postgres": ("PostgreSQL", on_postgres),
}


class Refused(Exception):
    """The command cannot be carried out as it was given; the message says why."""


def chosen(text: str, known: dict[str, object]) -> list[str]:
    """The names in a list with commas, in the order of those known; all, if it is empty."""
    wanted = [name.strip() for name in text.split(",") if name.strip() not in ("", "all")]
    if unknown := set(wanted) - known.keys():
        raise Refused(f"There is no {', '.join(sorted(unknown))}. Choose from: {', '.join(known)}.")
    return [name for name in known if name in wanted] if wanted else list(known)


def modules(text: str) -> list[str]:
    """The modules of the measurements asked for; those that are not written yet are named and left out."""
    found = [MODULES[name] for name in chosen(text, dict(MODULES))]
    missing = [name for name in found if importlib.util.find_spec(f"benchmarks.{name}") is None]
    if missing:
        print(f"Not there yet: {', '.join(missing)}.", file=sys.stderr)
    return [name for name in found if name not in missing]


def databases(text: str) -> list[str]:
    found = chosen(text, dict(DATABASES))
    if "postgres" in found and postgres.find_binaries() is None:
        if text.strip() == "postgres":
            raise Refused("No PostgreSQL server found. On Debian: apt-get install postgresql")
        print("PostgreSQL NOT MEASURED: no server found (on Debian: apt-get install postgresql)", file=sys.stderr)
        found.remove("postgres")
    return found


def measure(database: str, names: list[str]) -> tuple[list[Line], bool]:
    """The lines of one database, and whether all modules ran to their end."""
    label, serving = DATABASES[database]
    print(label, file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder, serving(Path(folder)) as url:
        answer = Path(folder) / "figures.json"
        settings = {**test_environment(Path(folder)), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-m", "benchmarks.on_database", str(answer), *names]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=False).returncode
        if not answer.exists():
            return [], False
        found = json.loads(answer.read_text(encoding="utf-8"))
    return [Line(label, figure(values)) for values in found["figures"]], not code


def main() -> int:
    try:
        names, where = modules(os.environ.get("ONLY", "")), databases(os.environ.get("DB", ""))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    results = [measure(database, names) for database in where]
    lines = [line for found, _complete in results for line in found]
    print(table(lines))
    over = [line for line in lines if line.figure.is_over]
    complete = all(complete for _found, complete in results)
    print(f"\n{len(over)} of {sum(line.figure.limit is not None for line in lines)} limits broken")
    return 0 if complete and not over else 1


if __name__ == "__main__":
    sys.exit(main())
