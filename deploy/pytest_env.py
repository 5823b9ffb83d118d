"""Pytest plugin (see `addopts` in pyproject.toml) that gives a plain `pytest` the test environment.

pytest-django reads the settings before any conftest.py is loaded; a plugin named with `-p` is the only place early
enough. Variables that are already set win: `DATABASE_URL=postgres://... pytest` and `make test` choose their own.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from deploy.test_env import test_environment


def _temporary_data_dir() -> Path:
    """Removed by the process that made it; pytest-xdist's workers inherit the variable and make none."""
    path = Path(tempfile.mkdtemp(prefix="liaison-test-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


data_dir = Path(os.environ["DATA_DIR"]) if "DATA_DIR" in os.environ else _temporary_data_dir()
for name, value in test_environment(data_dir).items():
    os.environ.setdefault(name, value)
