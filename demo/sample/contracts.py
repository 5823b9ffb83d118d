"""Batches of contracts signed at events, and contracts of projects."""

from random import Random
from typing import Any, NamedTuple

from crm.models import Organization, Person
from demo.sample.investments import AMOUNTS, CURRENCIES, SIGNED
from demo.sample.world import LANGUAGES, Converted, Meeting, Rows, Tables, World, links, skewed
from projects.models import Batch, Contract, ContractParty, Zone

AT_EVENTS = 0.5
TITLES = {
    "ja": ("投資協定書", "協力協定書", "戦略的協力協定書", "覚書", "用地協定書"),
    "zh": ("投资协议", "合作协议", "战略合作协议", "合作备忘录", "用地协议"),
    "en": ("Investment Agreement", "Cooperation Agreement", "Strategic Agreement", "Memorandum", "Land Agreement"),
}


class Signing(NamedTuple):
    """When and where a contract was signed, and by whom."""

    organization: int  # index
    station: int
    owner: int
    signed_on: str
    point: float
    project: int | None
    event: int | None
    batch: int | None


def batches(world: World) -> Tables:
    rng, ids = world.rng("batches"), world.of(Batch)
    found = [rng.choice(world.signings) for _id in ids]
    world.batches = [(pk, meeting) for pk, (_session, meeting) in zip(ids, found, strict=True)]
    names = [_batch_names(meeting) for _session, meeting in found]
    own, english, chinese, japanese = zip(*names, strict=True)
    moments = [world.clock.moment(meeting.point) for _session, meeting in found]
    users = [rng.choice(world.managers["Contract manager"]) for _id in ids]
    yield Rows(
        Batch,
        {
            "id": ids,
            "name": own,
            "name_en": english,
            "name_zh": chinese,
            "name_ja": japanese,
            "announced_count": [rng.randint(5, 80) if rng.random() < 0.8 else None for _id in ids],
            "session_id": [session for session, _meeting in found],
            "signed_on": [meeting.starts_on.isoformat() for _session, meeting in found],
            "created_at": moments,
            "updated_at": moments,
            "created_by_id": users,
            "updated_by_id": users,
        },
    )


def _batch_names(meeting: Meeting) -> tuple[str, str, str, str]:
    _own, english, chinese, japanese = meeting.names
    return f"{chinese}签约项目", f"Contracts of the {english}", f"{chinese}签约项目", f"{japanese}調印案件"


def contracts(world: World) -> Tables:
    signed = [project for project, stage in zip(world.converted, world.project_stages, strict=True) if stage >= SIGNED]
    for rng, _indexes, ids in world.chunks(Contract):
        signings = [_signing(world, rng, signed) for _id in ids]
        parties = _parties(world, rng, ids, signings)
        named = parties.columns["organization_id"]
        both = [list(pair) for pair in zip(named[: len(ids)], named[len(ids) :], strict=True)]
        linked = {"parties__organization": both, "parties__person": [[]] * len(ids)}
        yield _contracts(world, rng, ids, signings)._replace(linked=linked)
        yield parties
        yield _signatories(world, parties, signings)


def _signing(world: World, rng: Random, signed: list[Converted]) -> Signing:
    if signed and rng.random() >= AT_EVENTS:
        one = rng.choice(signed)
        day = world.clock.day(one.point)
        return Signing(one.organization, one.station.pk, one.owner, day, one.point, one.project, None, None)
    batch, meeting = rng.choice(world.batches)
    station = rng.choice(world.stations)
    day = meeting.starts_on.isoformat()
    organization = skewed(rng, world.homes)
    return Signing(organization, station.pk, rng.choice(station.staff), day, meeting.point, None, meeting.pk, batch)


def _contracts(world: World, rng: Random, ids: range, signings: list[Signing]) -> Rows:
    zones, owners = world.of(Zone), [one.owner for one in signings]
    languages = [LANGUAGES[world.home(one.organization)] for one in signings]
    kinds = [rng.randrange(len(TITLES["en"])) for _id in ids]
    titles = [
        f"{world.short_names[one.organization]} {TITLES[language][kind]}"
        for one, language, kind in zip(signings, languages, kinds, strict=True)
    ]
    numbers = [
        f"{one.signed_on[:4]}-{pk:06}" if rng.random() < 0.9 else "" for one, pk in zip(signings, ids, strict=True)
    ]
    amounts = [_amount(rng, language) for language in languages]
    moments = [world.clock.moment(one.point) for one in signings]
    columns: dict[str, Any] = {
        "id": ids,
        "number": numbers,
        "title": titles,
        "kind": [Contract.Kind.values[kind] for kind in kinds],
        "zone_id": [zones[rng.randrange(len(zones))] for _id in ids],
        "project_id": [one.project for one in signings],
        "station_id": [one.station for one in signings],
        "owner_id": owners,
        "signed_on": [one.signed_on for one in signings],
        "event_id": [one.event for one in signings],
        "batch_id": [one.batch for one in signings],
        "contracted_amount": [amount for amount, _currency in amounts],
        "contracted_currency": [currency for _amount, currency in amounts],
        "created_at": moments,
        "updated_at": moments,
        "created_by_id": owners,
        "updated_by_id": owners,
    }
    return Rows(Contract, columns)


def _amount(rng: Random, language: str) -> tuple[int | None, str]:
    """Many agreements name none."""
    currency = CURRENCIES[language]
    return (rng.randint(1, 60) * AMOUNTS[currency], currency) if rng.random() < 0.6 else (None, "")


def _parties(world: World, rng: Random, ids: range, signings: list[Signing]) -> Rows:
    """The investors first, then for each contract the operator of a zone."""
    organizations = world.of(Organization)
    return Rows(
        ContractParty,
        {
            "id": world.ids.take(ContractParty, 2 * len(ids)),
            "contract_id": [*ids, *ids],
            "role": ["investor"] * len(ids) + ["operator"] * len(ids),
            "organization_id": [
                *(organizations[one.organization] for one in signings),
                *(organizations[skewed(rng, organizations)] for _id in ids),
            ],
        },
    )


def _signatories(world: World, parties: Rows, signings: list[Signing]) -> Rows:
    people, investors = world.of(Person), parties.columns["id"][: len(signings)]
    signed = ([people[world.colleagues(one.organization)[0]]] for one in signings)
    return links(world, ContractParty, "signatories", zip(investors, signed, strict=True))
