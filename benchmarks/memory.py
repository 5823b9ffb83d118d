"""The peak of this process's memory over a stretch of code (Linux)."""

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _value(name: str) -> float:
    lines = STATUS.read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) / 1024


def peak_growth(work: Callable[[], object]) -> float | None:
    """By how many MB the peak rose above the level before; None where the system does not tell."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)  # what earlier work freed would otherwise hide what this work takes
        RESET.write_text("5")
        before = _value("VmRSS")
        work()
        return _value("VmHWM") - before
    except (FileNotFoundError, PermissionError, AttributeError):
        return None
