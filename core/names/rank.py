"""Candidates in the order of how likely they are meant, each with the reason a person can check.

How much each kind of evidence counts is in `data/ranking.tsv`, learned by `benchmarks/names_training.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache, partial
from math import exp
from operator import mul
from typing import Any, NamedTuple

from core.names.compare import EVIDENCE, Evidence, compare
from core.names.forms import Form, form
from core.names.people import person_form
from core.names.queries import readings
from core.names.tables import rows

MOST = 30
"""Candidates that are compared in full."""
ALIKE = 0.8


class Kind(StrEnum):
    """What a stored name is; whoever stores names may say no more than OTHER."""

    OTHER = "other"
    FORMER = "former"
    ACRONYM = "acronym"


class Reason(StrEnum):
    SAME_NAME = "same_name"
    SAME_FOLDED_NAME = "same_folded_name"
    FORMER_NAME = "former_name"
    READING = "reading"
    PINYIN = "pinyin"
    ACRONYM = "acronym"
    SAME_WORDS = "same_words"
    SHORT_FORM = "short_form"
    SIMILAR_READING = "similar_reading"
    SIMILAR_NAME = "similar_name"


class Name(NamedTuple):
    text: str
    kind: Kind = Kind.OTHER


class Candidate(NamedTuple):
    id: Any
    names: Sequence[Name]
    strength: float = 0.0
    """The weight of the keys it shares with the query."""


class Ranked(NamedTuple):
    id: Any
    score: float
    """How likely it is meant, between 0 and 1."""
    reason: Reason
    name: str
    """The stored name that speaks most for it."""
    evidence: Evidence
    """In the order of `COLUMNS`."""
    weight: float
    """What the evidence counts, for comparing candidates of one query."""


class Subject(NamedTuple):
    """How names of one sort of record are taken apart and weighed."""

    form: Callable[[str], Form]
    readings: Callable[[str], tuple[str, ...]]
    suffix: str
    """Of the tables that say how evidence counts."""

    def held(self, name: str) -> list[Form]:
        """The form of a stored name; none where there is no letter in it."""
        try:
            return [self.form(name)]
        except ValueError:
            return []

    def asked(self, name: str) -> list[Form]:
        """The forms of all that may be meant by what was typed."""
        return [form for way in self.readings(name) for form in self.held(way)]


ORGANIZATIONS = Subject(form, readings, "")
PEOPLE = Subject(person_form, lambda name: (name,), "_people")

COLUMNS = (*EVIDENCE, "share", "relative")
CHANCE = ("written", "sound", "pinyin", "words_both", "core", "same_core", "length", "share", "initials", "same")
"""What, beside weight and lead, tells whether the best candidate is right."""
WIDEST_LEAD = 6.0
LEAD_OF_ONE = 1.0
"""Of the only candidate: that nobody else is known says little."""


@cache
def coefficients(suffix: str) -> tuple[float, ...]:
    table = {name: float(value) for name, value in rows(f"ranking{suffix}")}
    return tuple(table[name] for name in COLUMNS)


@cache
def chances(suffix: str) -> dict[str, float]:
    return {name: float(value) for name, value in rows(f"chances{suffix}")}


def chance_features(one: Ranked, lead: float) -> tuple[float, ...]:
    """For a candidate that leads (or trails) the best other one by this weight."""
    of = dict(zip(COLUMNS, one.evidence, strict=True))
    return (1.0, one.weight, max(-WIDEST_LEAD, min(WIDEST_LEAD, lead)), *(of[name] for name in CHANCE))


def _chance(one: Ranked, lead: float, suffix: str) -> float:
    known = chances(suffix)
    names = ("always", "weight", "lead", *CHANCE)
    odds = sum(known[name] * value for name, value in zip(names, chance_features(one, lead), strict=True))
    return 1 / (1 + exp(-max(-50.0, min(50.0, odds))))


def _weigh(evidence: Evidence, suffix: str) -> float:
    return sum(map(mul, coefficients(suffix), evidence), 0.0)


def _reason(evidence: Evidence, kind: Kind) -> Reason:
    of = dict(zip(EVIDENCE, evidence, strict=False))
    tests = (
        (kind is Kind.FORMER and of["written"] >= ALIKE, Reason.FORMER_NAME),
        (of["initials"] == 1 or (kind is Kind.ACRONYM and of["same"]), Reason.ACRONYM),
        (of["same_written"], Reason.SAME_NAME),
        (of["same"], Reason.SAME_FOLDED_NAME),
        (of["same_sound"], Reason.READING),
        (of["pinyin"] == 1, Reason.PINYIN),
        (of["same_gist"] or of["words_both"] >= ALIKE, Reason.SAME_WORDS),
        (of["begins"] or of["abbreviates"], Reason.SHORT_FORM),
        (max(of["sound"], of["pinyin"]) > of["written"], Reason.SIMILAR_READING),
    )
    return next((reason for holds, reason in tests if holds), Reason.SIMILAR_NAME)


def _compared(
    subject: Subject, asked: Sequence[Form], candidate: Candidate, shares: tuple[float, float]
) -> Ranked | None:
    pairs = [
        (name, compare(one, held)) for name in candidate.names for held in subject.held(name.text) for one in asked
    ]
    if not pairs:
        return None
    name, best = max(pairs, key=lambda pair: _weigh(pair[1], subject.suffix))
    evidence = (*map(max, zip(*(found for _name, found in pairs), strict=True)), *shares)
    return Ranked(candidate.id, 0.0, _reason(best, name.kind), name.text, evidence, _weigh(evidence, subject.suffix))


def rank(
    query: str, candidates: Iterable[Candidate], whole: float = 0.0, subject: Subject = ORGANIZATIONS
) -> list[Ranked]:
    """The candidates that share most with the query, best first. `whole` is the weight of all keys asked for."""
    asked = subject.asked(query)
    strong = sorted(candidates, key=lambda candidate: -candidate.strength)[:MOST]
    top = max((candidate.strength for candidate in strong), default=0.0) or 1.0
    shares = [(candidate.strength / (whole or top), candidate.strength / top) for candidate in strong]
    compared = map(partial(_compared, subject, asked), strong, shares) if asked else ()
    found = sorted(filter(None, compared), key=lambda one: -one.weight)
    return [
        one._replace(score=_chance(one, lead, subject.suffix)) for one, lead in zip(found, leads(found), strict=True)
    ]


def leads(found: Sequence[Ranked]) -> list[float]:
    """By how much each leads the best other one; the best of all is first."""
    if not found:
        return []
    second = found[1].weight if len(found) > 1 else found[0].weight - LEAD_OF_ONE
    return [found[0].weight - second, *(one.weight - found[0].weight for one in found[1:])]
