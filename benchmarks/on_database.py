"""The measurements on one database, in a process of its own: `python -m benchmarks.on_database ANSWER NAME...`.

Makes the schema and the sample in the empty database of DATABASE_URL, runs the modules one after the other and writes
their figures to the file ANSWER.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks.report import Figure, figure


def main(answer: str, *modules: str) -> int:
    """1 if a module stopped with an error; the figures of the others are there."""
    django.setup()
    from benchmarks import sample  # noqa: PLC0415  its models exist only after the set-up

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    say(f"making a sample of {sample.LEADS:,} leads")
    sample.load()
    found: list[Figure] = []
    failed = []
    for name in modules:
        say(name)
        try:
            found += measured(name)
        except Exception:  # noqa: BLE001  the others shall run all the same, and this one is a failure in the end
            traceback.print_exc()
            failed.append(name)
    Path(answer).write_text(json.dumps({"figures": found, "failed": failed}), encoding="utf-8")
    return 1 if failed else 0


def measured(name: str) -> list[Figure]:
    module = importlib.import_module(f"benchmarks.{name}")
    if not hasattr(module, "figures"):
        say(f"{name} has no figures yet")
        return []
    return [figure(found) for found in module.figures()]


def say(text: str) -> None:
    print(f"  {text} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
