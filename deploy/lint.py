"""Run every static check, also after one failed, and name the failed ones at the end."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.test_env import production_environment, test_environment

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "demo", "projects", "events", "crm", "core", "deploy")
# Called like this because a console script holds the absolute path of the virtual environment, which may have moved.
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


@dataclass(frozen=True)
class Check:
    """A Python command line that answers 0 when all is well."""

    name: str
    arguments: tuple[str, ...]
    production: bool = False


def checks() -> list[Check]:
    """Fast ones first: the usual mistakes show within a second."""
    return [
        Check("ruff check", ("-m", "ruff", "check", ".")),
        Check("ruff format", ("-m", "ruff", "format", "--check", ".")),
        Check("import layers", ("-c", LINT_IMPORTS)),
        Check("templates", ("-m", "djlint", "templates", "--lint", "--quiet")),
        Check("types", ("-m", "mypy", *PACKAGES)),
        Check("migrations", ("manage.py", "makemigrations", "--check", "--dry-run")),
        Check("translations", ("manage.py", "check_translations")),
        Check(
            "production settings",
            ("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            production=True,
        ),
    ]


def passes(check: Check, tmp: Path) -> bool:
    """Some checks load the settings, so all run in a known environment: the tests' or a production server's."""
    print(f"\n===== {check.name} =====", flush=True)
    environment = production_environment(tmp) if check.production else test_environment(tmp)
    command = [sys.executable, *check.arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode == 0


def main() -> int:
    """Exit with 1 if anything failed."""
    with tempfile.TemporaryDirectory(prefix="liaison-lint-") as directory:
        results = {check.name: passes(check, Path(directory)) for check in checks()}
    failed = [name for name, passed in results.items() if not passed]
    print("\n===== checks =====")
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(results)} passed: {', '.join(results)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
