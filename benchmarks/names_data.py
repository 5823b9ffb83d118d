"""The names that matching is measured with: `NAMES_DATA` says where, otherwise `../shared/data/names`.

Without it a small set of well-known names from the tests stands in; its figures say only that everything runs.
"""

import csv
import math
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.names.forms import Form
from core.names.keys import query_keys, stored_keys
from core.names.rank import MOST, ORGANIZATIONS, PEOPLE, Candidate, Name, Ranked, Subject, rank

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "tests" / "core" / "names" / "data"
Row = dict[str, str]


def folder() -> Path:
    """Where the names are."""
    given = Path(os.environ.get("NAMES_DATA") or ROOT.parent / "shared" / "data" / "names")
    return given if (given / "orgs_ja.csv").exists() else SMALL


def read(name: str) -> list[Row]:
    path = folder() / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Query(NamedTuple):
    kind: str
    text: str
    targets: frozenset[str]
    only_warm: bool


def queries(file: str) -> list[Query]:
    return [
        Query(row["kind"], row["query"], frozenset(row["targets"].split("|")), row.get("track") == "warm")
        for row in read(file)
    ]


OWN = {"orgs_ja": "japanese", "orgs_zh": "chinese", "people_ja": "kanji"}
FURTHER = {"orgs_ja": ("english", "kana"), "orgs_zh": ("english", "short"), "people_ja": ("kana",)}


def names(row: Row, kind: str, *, warm: bool) -> list[str]:
    """What the index knows: the own name alone (cold), or also English, kana and short names (warm)."""
    fields = (OWN[kind], *FURTHER[kind]) if warm else (OWN[kind],)
    found = [row[field] for field in fields if row.get(field)]
    return [*found, f"{row['family']} {row['given']}"] if warm and kind == "people_ja" else found


SUBJECTS = {"orgs_ja": ORGANIZATIONS, "orgs_zh": ORGANIZATIONS, "people_ja": PEOPLE}


class Index:
    """Keys and names in memory: the candidates are those that the table of keys answers."""

    def __init__(self, known: dict[str, list[str]], subject: Subject = ORGANIZATIONS) -> None:
        self.subject = subject
        self.ids = list(known)
        self.names = [[Name(text) for text in texts] for texts in known.values()]
        self.postings: dict[str, list[int]] = defaultdict(list)
        for at, texts in enumerate(known.values()):
            for key in stored_keys(form for text in texts for form in subject.held(text)):
                self.postings[key].append(at)

    def _weights(self, asked: list[Form]) -> Iterator[tuple[str, float]]:
        for key, says in query_keys(asked).items():
            held = len(self.postings.get(key, ()))
            yield key, says * math.log(1 + len(self.ids) / max(held, 1))

    def candidates(self, name: str) -> tuple[list[Candidate], float]:
        """The best by keys, and the weight of all keys asked for."""
        strengths: dict[int, float] = defaultdict(float)
        whole = 0.0
        for key, weight in self._weights(self.subject.asked(name)):
            whole += weight
            for at in self.postings.get(key, ()):
                strengths[at] += weight
        best = sorted(strengths, key=lambda at: -strengths[at])[:MOST]
        return [Candidate(self.ids[at], self.names[at], strengths[at]) for at in best], whole

    def match(self, name: str) -> list[Ranked]:
        return rank(name, *self.candidates(name), self.subject)
