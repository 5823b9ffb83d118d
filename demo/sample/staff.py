"""Stations and the people who work for the agency. Sample users cannot sign in."""

from random import Random

from django.contrib.auth.models import Group

from core.accounts import User
from crm.models import LiaisonStation, StationMembership
from demo.sample.words import one_of, rows
from demo.sample.world import LANGUAGES, Rows, Station, Tables, World

AT_A_STATION = 6
MANAGERS = {"Director": 1, "Event manager": 3, "Contract manager": 3, "Auditor": 1}
HOME_OF = {"CN": "china", "JP": "japan", "TW": "taiwan", "KR": "korea"}
SCREEN = {"ja": "ja", "zh": "zh-hans", "en": "en"}
ROLES = ("head", "officer", "officer", "officer", "officer", "assistant")


def stations(world: World) -> Tables:
    offices = rows("stations", "offices")
    rng = world.rng("stations")
    ids = world.ids.take(LiaisonStation, len(offices))
    users = world.ids.take(User, AT_A_STATION * len(offices) + sum(MANAGERS.values()))
    for n, (pk, office) in enumerate(zip(ids, offices, strict=True)):
        staff = list(users[n * AT_A_STATION : (n + 1) * AT_A_STATION])
        world.stations.append(Station(pk, office[4], office[7], staff))
    yield _users(world, rng, users)
    yield from _roles(world, users[AT_A_STATION * len(offices) :])
    yield _stations(world, ids)
    yield _memberships(world)


def full_name(rng: Random, home: str) -> str:
    family, given = one_of(rng, home, "family_names")[0], one_of(rng, home, "given_names")[0]
    return f"{given} {family}" if home == "west" else family + given


def _users(world: World, rng: Random, ids: range) -> Rows:
    posts = [(station.country, station.language) for station in world.stations for _user in station.staff]
    posts += [("CN", "zh")] * (len(ids) - len(posts))
    zones = {row[4]: row[5] for row in reversed(rows("stations", "offices"))}
    names = [full_name(rng, HOME_OF.get(country, "west")) for country, _language in posts]
    world.user_names = dict(zip(ids, names, strict=True))
    return Rows(
        User,
        {
            "id": ids,
            "password": "!",
            "username": [f"sample{pk}" for pk in ids],
            "full_name": names,
            "is_staff": True,
            "date_joined": world.clock.moment(0),
            "language": [SCREEN[language] for _country, language in posts],
            "time_zone": [zones[country] for country, _language in posts],
            "work_country": [country for country, _language in posts],
        },
    )


def _roles(world: World, managers: range) -> Tables:
    groups = dict(Group.objects.values_list("name", "pk"))
    pairs = [(user, groups["Officer"]) for station in world.stations for user in station.staff]
    left = iter(managers)
    for role, count in MANAGERS.items():
        world.managers[role] = [next(left) for _n in range(count)]
        pairs += [(user, groups[role]) for user in world.managers[role]]
    links = User.groups.through
    users, chosen = zip(*pairs, strict=True)
    yield Rows(links, {"id": world.ids.take(links, len(pairs)), "user_id": users, "group_id": chosen})


def _stations(world: World, ids: range) -> Rows:
    name, english, chinese, japanese, country, zone, city, _language = zip(*rows("stations", "offices"), strict=True)
    return Rows(
        LiaisonStation,
        {
            "id": ids,
            "name": name,
            "name_en": english,
            "name_zh": chinese,
            "name_ja": japanese,
            "kind": ["head", *["liaison"] * (len(ids) - 1)],
            "country": country,
            "time_zone": zone,
            "city": city,
            "opened_on": world.clock.day(0),
            "created_at": world.clock.moment(0),
            "updated_at": world.clock.moment(0),
            "created_by_id": world.managers["Director"][0],
            "updated_by_id": world.managers["Director"][0],
            "version": 1 + AT_A_STATION,
        },
    )


def _memberships(world: World) -> Rows:
    pairs = [
        (station.pk, user, role) for station in world.stations for user, role in zip(station.staff, ROLES, strict=True)
    ]
    at, users, roles = zip(*pairs, strict=True)
    return Rows(
        StationMembership,
        {
            "id": world.ids.take(StationMembership, len(pairs)),
            "station_id": at,
            "user_id": users,
            "role": roles,
            "starts_on": world.clock.day(0),
        },
    )


def stations_for(world: World) -> dict[str, list[int]]:
    """Indexes of the stations that look after each home: those of its country, else those that write its language."""
    countries = {home: country for country, home in HOME_OF.items()}
    found = {}
    for home, language in LANGUAGES.items():
        own = [n for n, station in enumerate(world.stations) if station.country == countries.get(home)]
        same = [n for n, station in enumerate(world.stations) if station.language == language]
        found[home] = own or same
    return found
