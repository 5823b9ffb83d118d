"""Leads and their way through the stages. The way is walked as far as time allows, so that each history is true."""

from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from crm.models import Channel, Lead, LeadStageChange, LostReason, Organization, Person, Sector
from demo.sample.audit import creations
from demo.sample.staff import stations_for
from demo.sample.words import texts, titles, words
from demo.sample.world import LANGUAGES, Converted, Rows, Tables, World, links, skewed, table
from projects.models import Project

# Ways through the stages after "new", and of a hundred leads how many take each.
WAYS: tuple[tuple[tuple[str, ...], int], ...] = (
    ((), 16),
    (("contacted",), 18),
    (("contacted", "new"), 2),
    (("qualified",), 6),
    (("contacted", "qualified"), 12),
    (("contacted", "qualified", "contacted"), 2),
    (("disqualified",), 8),
    (("contacted", "disqualified"), 24),
    (("contacted", "disqualified", "contacted"), 3),
    (("contacted", "qualified", "disqualified"), 6),
    (("contacted", "qualified", "converted"), 3),
)
ORDER = {stage: place for place, stage in enumerate(Lead.Stage.values)}
DAYS_A_STEP = 15  # on average, from one step to the next
CURRENCIES = {"ja": "JPY", "zh": "CNY", "en": "USD"}
AMOUNTS = {"JPY": 100_000_000, "CNY": 5_000_000, "USD": 1_000_000}


class Step(NamedTuple):
    """A row of history."""

    record_id: int
    from_value: str
    to_value: str
    reason: str
    changed_at: str
    changed_by_id: int
    lost_reason_id: int | None


class Reached(NamedTuple):
    """How far a lead has come, when it moved last, and the number of the project that it became."""

    stage: str
    point: float
    steps: int
    project: int | None


@dataclass
class Lists:
    """The entries of the reference lists that may be chosen."""

    sectors: list[int]
    channels: list[int]
    lost: list[int]


@dataclass
class Chunk:
    """Some thousand leads, as lists of the same length."""

    world: World
    rng: Random
    indexes: range
    ids: range
    organizations: list[int]
    stations: list[int]
    owners: list[int]
    points: list[float]


def leads(world: World) -> Tables:
    found = (model.objects.in_use(world.until).values_list("pk", flat=True) for model in (Sector, Channel, LostReason))
    lists = Lists(*map(list, found))
    nearby = stations_for(world)
    for rng, indexes, ids in world.chunks(Lead):
        organizations = [skewed(rng, world.homes) for _id in ids]
        stations = [rng.choice(nearby[world.home(n)]) for n in organizations]
        owners = [rng.choice(world.stations[n].staff) for n in stations]
        points = [world.point(rng, n, Lead) for n in indexes]
        world.lead_organization.extend(organizations)
        world.lead_station.extend(stations)
        world.lead_owner.extend(owners)
        world.lead_point.extend(points)
        yield from _tables(Chunk(world, rng, indexes, ids, organizations, stations, owners, points), lists)


def _tables(chunk: Chunk, lists: Lists) -> Tables:
    facts = _facts(chunk, lists)
    colleagues = _colleagues(chunk)
    steps: list[Step] = []
    reached = [_walk(chunk, n, way, lists, steps) for n, way in enumerate(_ways(chunk))]
    _remember_converted(chunk, reached, facts, colleagues)
    yield _leads(chunk, facts, reached)
    yield table(chunk.world, LeadStageChange, steps)
    yield links(chunk.world, Lead, "collaborators", zip(chunk.ids, colleagues, strict=True))
    yield creations(chunk.world, chunk.rng, Lead, {"id": chunk.ids, **facts, "stage": "new"}, chunk.points)


def _ways(chunk: Chunk) -> list[tuple[str, ...]]:
    ways, weights = zip(*WAYS, strict=True)
    chosen = chunk.rng.choices(ways, weights, k=len(chunk.ids))
    if chunk.indexes.start == 0:
        chosen[0] = ways[-1]  # the oldest becomes a project, so that even a small sample has one
    return chosen


def _walk(chunk: Chunk, n: int, way: tuple[str, ...], lists: Lists, steps: list[Step]) -> Reached:
    """Adds the rows of history of one lead and answers where it stands."""
    world, rng = chunk.world, chunk.rng
    pk, by, point, stage, taken = chunk.ids[n], chunk.owners[n], chunk.points[n], "new", 1
    project = None
    steps.append(Step(pk, "", stage, "", world.clock.moment(point), by, None))
    for after in way:
        then = point + rng.expovariate(1 / DAYS_A_STEP)
        if then >= world.clock.length:
            break
        if after == "converted":
            [project] = world.ids.take(Project, 1)
        reason = _reason(rng, stage, after, project)
        steps.append(Step(pk, stage, after, reason, world.clock.moment(then), by, _lost(rng, after, lists)))
        point, stage, taken = then, after, taken + 1
    return Reached(stage, point, taken, project)


def _reason(rng: Random, before: str, after: str, project: int | None) -> str:
    if after == "converted":
        return Project(pk=project).reference
    if after == "disqualified":
        return rng.choice(words("reasons", "lost"))
    return rng.choice(words("reasons", "back")) if ORDER[after] < ORDER[before] else ""


def _lost(rng: Random, after: str, lists: Lists) -> int | None:
    return rng.choice(lists.lost) if after == "disqualified" else None


def _facts(chunk: Chunk, lists: Lists) -> dict[str, Any]:
    """What was known when the leads were entered."""
    rng, world, size = chunk.rng, chunk.world, len(chunk.ids)
    languages = [LANGUAGES[world.home(n)] for n in chunk.organizations]
    amounts = [rng.randint(1, 60) if rng.random() < 0.5 else 0 for _id in chunk.ids]
    currencies = [CURRENCIES[language] for language in languages]
    organizations = world.of(Organization)
    return {
        "title": [rng.choice(titles(language)) for language in languages],
        "organization_id": [organizations[n] for n in chunk.organizations],
        "contact_id": _contacts(chunk),
        "station_id": [world.stations[n].pk for n in chunk.stations],
        "owner_id": chunk.owners,
        "received_on": [world.clock.day(point) for point in chunk.points],
        "channel_id": rng.choices(lists.channels, k=size),
        "referrer_id": [
            organizations[skewed(rng, organizations)] if rng.random() < 0.05 else None for _id in chunk.ids
        ],
        "sector_id": [rng.choice(lists.sectors) if rng.random() < 0.9 else None for _id in chunk.ids],
        "interest_amount": [
            times * AMOUNTS[currency] or None for times, currency in zip(amounts, currencies, strict=True)
        ],
        "interest_currency": [currency if times else "" for times, currency in zip(amounts, currencies, strict=True)],
        "jobs": [rng.randrange(5, 500) if rng.random() < 0.4 else None for _id in chunk.ids],
        "likelihood": [rng.randrange(0, 101, 10) if rng.random() < 0.6 else None for _id in chunk.ids],
        "next_step": [rng.choice(texts(language, "next_step")) if rng.random() < 0.7 else "" for language in languages],
        "notes": [rng.choice(texts(language, "notes")) if rng.random() < 0.4 else "" for language in languages],
    }


def _remember_converted(
    chunk: Chunk, reached: list[Reached], facts: dict[str, Any], colleagues: list[list[int]]
) -> None:
    for n, end in enumerate(reached):
        if end.project is not None:
            chunk.world.converted.append(
                Converted(
                    project=end.project,
                    lead=chunk.ids[n],
                    organization=chunk.organizations[n],
                    station=chunk.world.stations[chunk.stations[n]],
                    owner=chunk.owners[n],
                    point=end.point,
                    sector=facts["sector_id"][n],
                    jobs=facts["jobs"][n],
                    colleagues=colleagues[n],
                )
            )


def _contacts(chunk: Chunk) -> list[int | None]:
    """One of the people who have a post at the organization."""
    people, rng = chunk.world.of(Person), chunk.rng
    return [people[rng.choice(chunk.world.colleagues(n))] if rng.random() < 0.8 else None for n in chunk.organizations]


def _colleagues(chunk: Chunk) -> list[list[int]]:
    """Every tenth lead is shared with somebody of another station."""
    staff = [user for station in chunk.world.stations for user in station.staff]
    return [
        [user] if chunk.rng.random() < 0.1 and (user := chunk.rng.choice(staff)) != owner else []
        for owner in chunk.owners
    ]


def _leads(chunk: Chunk, facts: dict[str, Any], reached: list[Reached]) -> Rows:
    world, rng = chunk.world, chunk.rng
    archived = [rng.random() < 0.02 for _id in chunk.ids]
    due = [world.clock.ahead(rng.randint(-30, 60)) for _id in chunk.ids]
    moved = [world.clock.moment(end.point) for end in reached]
    made = [world.clock.moment(point) for point in chunk.points]
    reason = rng.choice(words("reasons", "archived"))
    return Rows(
        Lead,
        {
            "id": chunk.ids,
            **facts,
            "stage": [end.stage for end in reached],
            "next_step_on": [day if step else None for day, step in zip(due, facts["next_step"], strict=True)],
            "created_at": made,
            "created_by_id": chunk.owners,
            "updated_at": moved,
            "updated_by_id": chunk.owners,
            "version": [end.steps + gone for end, gone in zip(reached, archived, strict=True)],
            "archived_at": [moment if gone else None for moment, gone in zip(moved, archived, strict=True)],
            "archived_by_id": [owner if gone else None for owner, gone in zip(chunk.owners, archived, strict=True)],
            "archive_reason": [reason if gone else "" for gone in archived],
        },
    )
