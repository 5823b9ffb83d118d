"""Write a `.env` when there is none, so that nobody copies a secret from somewhere else."""

import argparse
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"

# Plain http on the loopback address: with SECURE on, every page would redirect to an https port that nobody serves.
DEMO_SETTINGS = {"ALLOWED_HOSTS": "127.0.0.1,localhost", "SECURE": "false", "DEMO": "true", "LOG_LEVEL": "WARNING"}


def production_settings(host: str) -> dict[str, str]:
    """The least a server needs: everything else keeps its safe default."""
    return {"ALLOWED_HOSTS": host, "CSRF_TRUSTED_ORIGINS": f"https://{host}", "TRUSTED_PROXIES": "1"}


def render(settings: Mapping[str, str]) -> str:
    """The text of a new file. The secret has no `$` or `#`, which readers of such files treat specially."""
    lines = ["# Made by deploy/setup_env.py; .env.example explains every variable. Never commit this file."]
    lines.append(f"SECRET_KEY={secrets.token_urlsafe(50)}")
    lines += [f"{name}={value}" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def write_if_missing(path: Path, settings: Mapping[str, str]) -> bool:
    """Create the file readable by its owner alone from the first byte on; an existing file is never changed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(render(settings))
    return True


def main() -> int:
    """Without options the file suits `make demo`; with `--host` a server behind a TLS proxy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", help="public name of a production server, for example crm.example.org")
    options = parser.parse_args()
    settings = production_settings(options.host) if options.host else DEMO_SETTINGS
    written = write_if_missing(ENV_FILE, settings)
    print(f"{ENV_FILE.name}: written with a new secret key" if written else f"{ENV_FILE.name}: kept as it is")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
