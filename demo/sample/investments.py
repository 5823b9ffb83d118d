"""Projects that came of leads, with their stages and statuses, and the contracts that were signed."""

from itertools import chain
from random import Random
from typing import NamedTuple

from crm.models import LostReason, Organization
from demo.sample.words import texts, words
from demo.sample.world import CHUNK, LANGUAGES, Converted, Rows, Tables, World, links, skewed, table
from projects.models import (
    Project,
    ProjectAmount,
    ProjectInvestor,
    ProjectStageChange,
    ProjectStatusChange,
    Zone,
)

STAGES = Project.Stage.values
# Ways through the statuses after "active", and of a hundred projects how many take each.
STATUS_WAYS: tuple[tuple[tuple[str, ...], int], ...] = (
    ((), 70),
    (("on_hold",), 6),
    (("on_hold", "active"), 4),
    (("lost",), 14),
    (("terminated",), 6),
)
DAYS_A_STEP = 40
ENDS = ("lost", "terminated")
SUFFIX = {"ja": "name_ja", "zh": "name_zh", "en": "name_en"}
CURRENCIES = {"ja": "JPY", "zh": "CNY", "en": "USD"}
AMOUNTS = {"JPY": 100_000_000, "CNY": 5_000_000, "USD": 1_000_000}
SIGNED = STAGES.index("signed")


class Step(NamedTuple):
    record_id: int
    from_value: str
    to_value: str
    reason: str
    changed_at: str
    changed_by_id: int


class StatusStep(NamedTuple):
    record_id: int
    from_value: str
    to_value: str
    reason: str
    changed_at: str
    changed_by_id: int
    lost_reason_id: int | None
    ended_on: str | None
    lost_to: str


class Investor(NamedTuple):
    project_id: int
    organization_id: int
    share_percent: str | None


class Amount(NamedTuple):
    project_id: int
    kind: str
    amount: int
    currency: str
    dated_on: str


class Reached(NamedTuple):
    stage: str
    status: str
    point: float
    steps: int


def projects(world: World) -> Tables:
    lost = list(LostReason.objects.in_use(world.until).values_list("pk", flat=True))
    for start in range(0, len(world.converted), CHUNK):
        rng = world.rng("projects", start // CHUNK)
        chosen = world.converted[start : start + CHUNK]
        stages: list[Step] = []
        statuses: list[StatusStep] = []
        reached = [_walk(world, rng, project, lost, stages, statuses) for project in chosen]
        world.project_stages.extend(STAGES.index(end.stage) for end in reached)
        investors = [_investors(world, rng, project) for project in chosen]
        linked = {"investors__organization": [[one.organization_id for one in found] for found in investors]}
        yield _projects(world, rng, chosen, reached)._replace(linked=linked)
        yield table(world, ProjectStageChange, stages)
        yield table(world, ProjectStatusChange, statuses)
        yield links(world, Project, "collaborators", ((one.project, one.colleagues) for one in chosen))
        yield table(world, ProjectInvestor, list(chain(*investors)))
        yield table(world, ProjectAmount, [amount for one in chosen for amount in _amounts(world, rng, one)])


def _walk(
    world: World,
    rng: Random,
    project: Converted,
    lost: list[int],
    stages: list[Step],
    statuses: list[StatusStep],
) -> Reached:
    """Stages first, then the status, as only an active project moves on."""
    pk, by, point, place, taken = project.project, project.owner, project.point, 0, 1
    moment = world.clock.moment(point)
    stages.append(Step(pk, "", STAGES[0], "", moment, by))
    statuses.append(StatusStep(pk, "", "active", "", moment, by, None, None, ""))
    for _step in range(rng.randrange(9)):
        after = min(place + rng.choice((1, 1, 1, 2)), len(STAGES) - 1)
        then = point + rng.expovariate(1 / DAYS_A_STEP)
        if then >= world.clock.length or after == place:
            break
        stages.append(Step(pk, STAGES[place], STAGES[after], "", world.clock.moment(then), by))
        point, place, taken = then, after, taken + 1
    status = "active"
    ways, weights = zip(*STATUS_WAYS, strict=True)
    for after in rng.choices(ways, weights)[0]:
        then = point + rng.expovariate(1 / DAYS_A_STEP)
        if then >= world.clock.length:
            break
        statuses.append(_status_step(world, rng, project, status, after, then, lost))
        point, status, taken = then, after, taken + 1
    return Reached(STAGES[place], status, point, taken)


def _status_step(
    world: World, rng: Random, project: Converted, before: str, after: str, point: float, lost: list[int]
) -> StatusStep:
    ended = after in ENDS
    reasons = words("reasons", "lost" if ended else "hold")
    return StatusStep(
        project.project,
        before,
        after,
        rng.choice(reasons) if after != "active" else "",
        world.clock.moment(point),
        project.owner,
        rng.choice(lost) if ended else None,
        world.clock.day(point) if ended else None,
        rng.choice(words("projects", "lost_to")) if ended else "",
    )


def _projects(world: World, rng: Random, chosen: list[Converted], reached: list[Reached]) -> Rows:
    zones, owners = world.of(Zone), [one.owner for one in chosen]
    languages = [LANGUAGES[world.home(one.organization)] for one in chosen]
    names = [
        f"{world.short_names[one.organization]} {rng.choice(texts(language, 'what'))}"
        for one, language in zip(chosen, languages, strict=True)
    ]
    spellings = {
        column: [name if language == own else "" for name, language in zip(names, languages, strict=True)]
        for own, column in SUFFIX.items()
    }
    return Rows(
        Project,
        {
            "id": [one.project for one in chosen],
            "name": names,
            **spellings,
            "zone_id": [zones[rng.randrange(len(zones))] if rng.random() < 0.8 else None for _one in chosen],
            "station_id": [one.station.pk for one in chosen],
            "owner_id": owners,
            "lead_id": [one.lead for one in chosen],
            "sector_id": [one.sector for one in chosen],
            "jobs": [one.jobs for one in chosen],
            "stage": [end.stage for end in reached],
            "status": [end.status for end in reached],
            "created_at": [world.clock.moment(one.point) for one in chosen],
            "updated_at": [world.clock.moment(end.point) for end in reached],
            "created_by_id": owners,
            "updated_by_id": owners,
            "version": [end.steps for end in reached],
        },
    )


def _investors(world: World, rng: Random, one: Converted) -> list[Investor]:
    """The lead's organization, sometimes with a partner."""
    organizations = world.of(Organization)
    partner = skewed(rng, organizations)
    if rng.random() < 0.2 and partner != one.organization:
        shares = ((one.organization, "70"), (partner, "30"))
        return [Investor(one.project, organizations[n], share) for n, share in shares]
    return [Investor(one.project, organizations[one.organization], None)]


def _amounts(world: World, rng: Random, one: Converted) -> list[Amount]:
    currency, day = CURRENCIES[LANGUAGES[world.home(one.organization)]], world.clock.day(one.point)
    kinds = ProjectAmount.Kind.values[: rng.randrange(3)]
    return [Amount(one.project, kind, rng.randint(1, 60) * AMOUNTS[currency], currency, day) for kind in kinds]
