"""`make bench`: every measurement, each in a temporary database of its own."""

import os
import sys
import tempfile
from pathlib import Path

import django

from deploy.test_env import test_environment


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as directory:
        for name, value in test_environment(Path(directory)).items():
            os.environ.setdefault(name, value)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()

        from benchmarks import csv_export  # noqa: PLC0415  its models exist only after the set-up

        csv_export.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
