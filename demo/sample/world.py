"""What the parts of the sample share: how many of each kind, their numbers, random numbers, and who belongs where."""

import datetime
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import Max, Model

from crm.models import Interaction, Lead, Organization, Person
from demo.sample.clock import Clock
from events.models import Event, Guest
from projects.models import Batch, Contract, Zone

CHUNK = 5_000
HOMES = ("japan", "china", "taiwan", "korea", "west")
LANGUAGES = {"japan": "ja", "china": "zh", "taiwan": "zh", "korea": "en", "west": "en"}


class Rows(NamedTuple):
    """Rows of one table by column: a sequence, or one value for all; columns left out take the field's default."""

    model: type[Model]
    columns: dict[str, Any]
    # For the search, by path: the names in the parts of each record, or the primary keys of those it is linked to.
    linked: Mapping[str, Sequence[Sequence[Any]]] = MappingProxyType({})


Tables = Iterator[Rows]


class Station(NamedTuple):
    pk: int
    country: str
    language: str
    staff: list[int]


class Meeting(NamedTuple):
    """An event or delegation."""

    pk: int
    delegation: bool
    kind: int
    names: tuple[str, ...]
    place: tuple[str, ...]  # row of the office in whose city it takes place
    owner: int
    starts_on: datetime.date
    ends_on: datetime.date
    point: float  # when it was entered
    status: str


class Converted(NamedTuple):
    """A lead that became a project at a point of the clock."""

    project: int
    lead: int
    organization: int  # index
    station: Station
    owner: int
    point: float
    sector: int | None
    jobs: int | None
    colleagues: list[int]


# How many there are for each thousand leads, and at least.
SHARES: dict[type[Model], tuple[int, int]] = {
    Lead: (1000, 1),
    Organization: (200, 20),
    Person: (300, 30),
    Interaction: (400, 10),
    Event: (2, 8),
    Guest: (100, 20),
    Contract: (20, 10),
    Batch: (1, 4),
    Zone: (0, 40),
}


class Ids:
    """Numbers follow those that are taken, so that related rows can be made before any is stored."""

    def __init__(self) -> None:
        self._next: dict[type[Model], int] = {}

    def take(self, model: type[Model], count: int) -> range:
        if model not in self._next:
            last = model._base_manager.aggregate(last=Max("pk"))["last"]
            self._next[model] = (last or 0) + 1
        first = self._next[model]
        self._next[model] = first + count
        return range(first, first + count)


@dataclass
class World:
    leads: int
    seed: int
    until: datetime.date
    ids: Ids = field(default_factory=Ids)
    stations: list[Station] = field(default_factory=list)
    managers: dict[str, list[int]] = field(default_factory=dict)
    user_names: dict[int, str] = field(default_factory=dict)
    homes: bytearray = field(default_factory=bytearray)  # index in HOMES, for each organization
    short_names: list[str] = field(default_factory=list)
    lead_organization: "array[int]" = field(default_factory=lambda: array("l"))
    lead_station: bytearray = field(default_factory=bytearray)
    lead_owner: "array[int]" = field(default_factory=lambda: array("l"))
    lead_point: "array[float]" = field(default_factory=lambda: array("d"))
    converted: list[Converted] = field(default_factory=list)
    project_stages: bytearray = field(default_factory=bytearray)  # place of the stage, for each of `converted`
    batches: list[tuple[int, Meeting]] = field(default_factory=list)
    signings: list[tuple[int, Meeting]] = field(default_factory=list)  # sessions where contracts were signed

    def __post_init__(self) -> None:
        self.clock = Clock(self.until)
        self._ranges: dict[type[Model], range] = {}

    def of(self, model: type[Model]) -> range:
        """The numbers of all sample records of a kind; the place in this range is the record's index."""
        if model not in self._ranges:
            share, least = SHARES[model]
            self._ranges[model] = self.ids.take(model, max(self.leads * share // 1000, least))
        return self._ranges[model]

    def rng(self, kind: str, part: int = 0) -> Random:
        """Random numbers of their own for each part, so that a change in one moves nothing in another."""
        return Random(f"{self.seed}/{kind}/{part}")  # noqa: S311  invented data, no secrets

    def chunks(self, model: type[Model]) -> Iterator[tuple[Random, range, range]]:
        """Random numbers, indexes and primary keys, some thousand records at a time."""
        everything = self.of(model)
        for start in range(0, len(everything), CHUNK):
            indexes = range(start, min(start + CHUNK, len(everything)))
            yield self.rng(model._meta.label, start // CHUNK), indexes, everything[indexes.start : indexes.stop]

    def point(self, rng: Random, index: int, model: type[Model]) -> float:
        """When a record came into being: later numbers, later points."""
        return (index + rng.random()) * self.clock.length / len(self.of(model))

    def lead_before(self, rng: Random, point: float) -> int:
        """The index of a lead that existed at this point, rather a recent one; -1 if there was none."""
        latest = int(point / self.clock.length * self.leads)
        return int(latest * (1 - rng.random() ** 3)) if latest else -1

    def colleagues(self, organization: int) -> range:
        """Indexes of the people whose post is at this organization: one or two, as there are 3 people for 2."""
        people = len(self.of(Person))
        return range(min((3 * organization + 1) // 2, people), min((3 * organization + 4) // 2, people))

    def employer(self, person: int) -> int:
        """The index of the organization where this person has a post."""
        return min(person * 2 // 3, len(self.of(Organization)) - 1)

    def home(self, organization: int) -> str:
        return HOMES[self.homes[organization]]


Maker = Callable[[World], Tables]


def skewed(rng: Random, population: Sequence[Any] | range) -> int:
    """An index; a few come up often, most seldom."""
    return int(len(population) * rng.random() ** 1.6)


def table(world: World, model: type[Model], rows: Sequence[Any]) -> Rows:
    """Rows given one by one, as named tuples of their columns; the primary key is added."""
    columns = zip(rows[0]._fields, zip(*rows, strict=True), strict=True) if rows else ()
    return Rows(model, {"id": world.ids.take(model, len(rows)), **dict(columns)})


def links(world: World, model: Any, name: str, pairs: Iterable[tuple[int, Iterable[int]]]) -> Rows:
    """Rows of a many-to-many relation: each record with those it is linked to."""
    field = model._meta.get_field(name)
    through = field.remote_field.through
    flat = [(pk, other) for pk, others in pairs for other in others]
    own, linked = zip(*flat, strict=True) if flat else ((), ())
    ids = world.ids.take(through, len(flat))
    return Rows(
        through, {"id": ids, f"{field.m2m_field_name()}_id": own, f"{field.m2m_reverse_field_name()}_id": linked}
    )
