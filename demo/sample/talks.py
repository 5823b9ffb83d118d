"""Interactions: mostly about a lead, with its contact and somebody of its station."""

from random import Random
from typing import Any

from crm.models import Interaction, Lead, Organization, Person
from demo.sample.words import texts
from demo.sample.world import LANGUAGES, Rows, Tables, World, links, skewed

MINUTES_LANGUAGE = {"ja": "ja", "zh": "zh-hans", "en": "en"}
WITHOUT_LEAD = 0.1


def interactions(world: World) -> Tables:
    organizations, people = world.of(Organization), world.of(Person)
    for rng, indexes, ids in world.chunks(Interaction):
        points = [world.point(rng, n, Interaction) for n in indexes]
        about = [-1 if rng.random() < WITHOUT_LEAD else world.lead_before(rng, point) for point in points]
        met = [world.lead_organization[lead] if lead >= 0 else skewed(rng, organizations) for lead in about]
        stations = [world.lead_station[n] if n >= 0 else rng.randrange(len(world.stations)) for n in about]
        staff = [_staff(world, rng, lead, station) for lead, station in zip(about, stations, strict=True)]
        theirs = [[people[n] for n in world.colleagues(one) if rng.random() < 0.7] for one in met]
        linked = {"organizations": [[organizations[n]] for n in met], "people": theirs}
        yield _interactions(world, rng, ids, points, about, met, stations, staff)._replace(linked=linked)
        for name, found in (*linked.items(), ("staff", staff)):
            yield links(world, Interaction, name, zip(ids, found, strict=True))


def _staff(world: World, rng: Random, lead: int, station: int) -> list[int]:
    everybody = world.stations[station].staff
    first = world.lead_owner[lead] if lead >= 0 else rng.choice(everybody)
    second = rng.choice(everybody)
    return [first] if second == first or rng.random() < 0.7 else [first, second]


def _interactions(
    world: World,
    rng: Random,
    ids: range,
    points: list[float],
    about: list[int],
    met: list[int],
    stations: list[int],
    staff: list[list[int]],
) -> Rows:
    size, leads = len(ids), world.of(Lead)
    languages = [LANGUAGES[world.home(n)] for n in met]
    moments = [world.clock.moment(point) for point in points]
    minutes = [rng.choice(texts(language, "minutes")) if rng.random() < 0.6 else "" for language in languages]
    subjects = [rng.choice(texts(language, "talk")) for language in languages]
    places = [rng.choice(texts(language, "places")) for language in languages]
    first = [users[0] for users in staff]
    columns: dict[str, Any] = {
        "id": ids,
        "kind": rng.choices(Interaction.Kind.values, k=size),
        "subject": subjects,
        "starts_at": moments,
        "minutes_long": rng.choices((15, 30, 45, 60, 90, 120), k=size),
        "place": places,
        "station_id": [world.stations[n].pk for n in stations],
        "lead_id": [leads[n] if n >= 0 else None for n in about],
        "minutes": minutes,
        "minutes_language": [
            MINUTES_LANGUAGE[language] if text else "" for language, text in zip(languages, minutes, strict=True)
        ],
        "created_at": moments,
        "updated_at": moments,
        "created_by_id": first,
        "updated_by_id": first,
    }
    return Rows(Interaction, columns)
