"""The words of `demo/data/words.toml`."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

FILE = Path(__file__).parent.parent / "data" / "words.toml"
Row = tuple[str, ...]


def _cell(text: str) -> str:
    return "" if text == "-" else "_".join(part.replace("_", " ") for part in text.split("__"))


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def rows(section: str, name: str) -> list[Row]:
    """One tuple a line."""
    lines = _file()[section][name].strip().splitlines()
    return [tuple(_cell(cell) for cell in line.split()) for line in lines]


@cache
def words(section: str, name: str) -> list[str]:
    return [_cell(cell) for cell in _file()[section][name].split()]


@cache
def texts(language: str, name: str) -> list[str]:
    return [_cell(cell) for cell in _file()["texts"][language][name].split()]


@cache
def titles(language: str) -> list[str]:
    """All titles that the pattern of the language gives."""
    pattern = _file()["texts"][language]["title"]
    return [
        pattern.format(where=where, field=field, what=what)
        for where in texts(language, "where")
        for field in texts(language, "field")
        for what in texts(language, "what")
    ]


@cache
def _weights(section: str, name: str) -> list[float]:
    running, total = [], 0.0
    for rank, _row in enumerate(rows(section, name)):
        total += 1 / (rank + 5)
        running.append(total)
    return running


def often(rng: Random, section: str, name: str) -> Row:
    """A row, those nearer the top more often: some names are everywhere."""
    return rng.choices(rows(section, name), cum_weights=_weights(section, name))[0]


def one_of(rng: Random, section: str, name: str) -> Row:
    return rng.choice(rows(section, name))
