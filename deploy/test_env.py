"""The environment that tests run in, in one place: nothing of a developer's own `.env` may change a result.

As a command, `python -m deploy.test_env COMMAND ...` runs a management command in it, without any `.env`.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_environment(tmp: Path) -> dict[str, str]:
    """Every variable that the settings read, even where it repeats a default: process variables win over `.env`."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DEBUG": "false",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "DATABASE_URL": f"sqlite:///{tmp / 'liaison.sqlite3'}",
        "DATA_DIR": str(tmp),
        "SECURE": "false",
        "CSRF_TRUSTED_ORIGINS": "",
        "TRUSTED_PROXIES": "0",
        "DEMO": "true",
        "LOG_LEVEL": "INFO",
        "HOME_COUNTRY": "CN",
        "IDEMPOTENCY_HOURS": "24",
        "IMPORT_MAX_MB": "20",
        "IMPORT_MAX_ROWS": "50000",
        "IMPORT_KEEP_DAYS": "30",
    }


def production_environment(tmp: Path) -> dict[str, str]:
    """What `check --deploy` must find nothing to complain about: a server behind one TLS proxy."""
    return test_environment(tmp) | {
        "ALLOWED_HOSTS": "crm.example.org",
        "CSRF_TRUSTED_ORIGINS": "https://crm.example.org",
        "SECURE": "true",
        "TRUSTED_PROXIES": "1",
        "DEMO": "false",
    }


def main(arguments: list[str]) -> int:
    """For commands that read the code and no data, such as those for translations."""
    with tempfile.TemporaryDirectory(prefix="liaison-") as directory:
        environment = {**os.environ, **test_environment(Path(directory))}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
