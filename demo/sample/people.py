"""People with their names in each script, their posts and how to reach them."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from crm.models import Affiliation, ContactPoint, Organization, Person
from demo.sample.searching import search_text
from demo.sample.words import often, one_of, rows, words
from demo.sample.world import Rows, Tables, World, skewed

# Where the word lists have no titles of their own, people carry those of another home.
POSTS_OF = {"taiwan": "china"}
PHONES = {"japan": "+81 3-0000-", "china": "+86 512-0000-", "taiwan": "+886 2-0000-", "korea": "+82 2-000-"}
WEST_PHONE = "+1 312-555-01"  # numbers kept for fiction


class Name(NamedTuple):
    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    family_latin: str
    given_latin: str
    name_order: str
    language: str


def _japanese(rng: Random) -> Name:
    family, given = often(rng, "japan", "family_names"), one_of(rng, "japan", "given_names")
    kana = rng.random() < 0.9
    latin = rng.random() < 0.6
    return Name(
        family[0], given[0],
        family[1] if kana else "", given[1] if kana else "",
        family[2] if latin else "", given[2] if latin else "",
        "family_first", "ja",
    )  # fmt: skip


def _chinese(rng: Random) -> Name:
    family = often(rng, "china", "family_names")
    syllables = rng.choices(rows("china", "given_names"), k=1 if rng.random() < 0.25 else 2)
    own, pinyin = ("".join(part) for part in zip(*syllables, strict=True))
    return Name(family[0], own, "", "", family[1], pinyin.capitalize(), "family_first", "zh-hans")


def _taiwanese(rng: Random) -> Name:
    family, given = often(rng, "taiwan", "family_names"), one_of(rng, "taiwan", "given_names")
    return Name(family[0], given[0], "", "", family[1], given[1], "family_first", "zh-hant")


def _korean(rng: Random) -> Name:
    family, given = often(rng, "korea", "family_names"), one_of(rng, "korea", "given_names")
    return Name(family[0], given[0], "", "", family[1], given[1], "family_first", "ko")


def _western(rng: Random) -> Name:
    family, given = rng.choice(words("west", "family_names")), rng.choice(words("west", "given_names"))
    return Name(family, given, "", "", "", "", "given_first", "en")


COMPOSE: dict[str, Callable[[Random], Name]] = {
    "japan": _japanese,
    "china": _chinese,
    "taiwan": _taiwanese,
    "korea": _korean,
    "west": _western,
}


def post(world: World, person: int) -> tuple[str, str]:
    """Position and its English name; each person has one, wherever the sample speaks of it."""
    home = world.home(world.employer(person))
    titles = rows(POSTS_OF.get(home, home), "positions")
    own, english = titles[person * 2_654_435_761 // 4096 % len(titles)]
    return own, english


def people(world: World) -> Tables:
    employers = world.of(Organization)
    for rng, indexes, ids in world.chunks(Person):
        homes = [world.home(world.employer(n)) for n in indexes]
        names = [COMPOSE[home](rng) for home in homes]
        posts = [(pk, n, employers[world.employer(n)]) for pk, n in zip(ids, indexes, strict=True)]
        contacts = [contact for pk, home in zip(ids, homes, strict=True) for contact in _contacts(rng, pk, home)]
        yield _people(world, rng, indexes, ids, names)
        yield _affiliations(world, rng, posts)
        yield _contact_points(world, contacts)


def _people(world: World, rng: Random, indexes: range, ids: range, names: list[Name]) -> Rows:
    points = [world.point(rng, n, Person) for n in indexes]
    moments = [world.clock.moment(point) for point in points]
    users = [rng.choice(rng.choice(world.stations).staff) for _id in ids]
    occasions = words("events", "venues")
    return Rows(
        Person,
        {
            "id": ids,
            **dict(zip(Name._fields, zip(*names, strict=True), strict=True)),
            "collected_on": [world.clock.day(point) for point in points],
            "collected_at": rng.choices(occasions, k=len(ids)),
            "created_at": moments,
            "updated_at": moments,
            "created_by_id": users,
            "updated_by_id": users,
            "search_text": [search_text(name[0] + name[1], name[2] + name[3], *name[:6]) for name in names],
        },
    )


def _affiliations(world: World, rng: Random, posts: list[tuple[int, int, int]]) -> Rows:
    """Everybody's post of today; every tenth has left another one."""
    employers = world.of(Organization)
    found: list[tuple[Any, ...]] = []
    for pk, index, employer in posts:
        since = rng.random() * world.clock.length / 2
        home = world.home(world.employer(index))
        departments = words(POSTS_OF.get(home, home) if home != "korea" else "west", "departments")
        found.append((pk, employer, *post(world, index), rng.choice(departments), world.clock.day(since), None))
        if rng.random() < 0.1:
            former = employers[skewed(rng, employers)]
            days = world.clock.day(since * rng.random()), world.clock.day(since)
            found.append((pk, former, *post(world, index), "", *days))
    names = ("person_id", "organization_id", "position", "position_en", "department", "starts_on", "ends_on")
    columns = dict(zip(names, zip(*found, strict=True), strict=True))
    return Rows(Affiliation, {"id": world.ids.take(Affiliation, len(found)), **columns})


def _contacts(rng: Random, pk: int, home: str) -> list[tuple[int, str, str, str]]:
    found = []
    if rng.random() < 0.9:
        found.append((pk, "email", f"person{pk}@example.com", ""))
    if rng.random() < 0.6:
        number = f"{rng.randrange(100):02}" if home == "west" else f"{rng.randrange(10_000):04}"
        found.append((pk, "phone", PHONES.get(home, WEST_PHONE) + number, "office"))
    if home == "china" and rng.random() < 0.4:
        found.append((pk, "wechat", f"wx_sample_{pk}", ""))
    if home == "japan" and rng.random() < 0.1:
        found.append((pk, "line", f"line-sample-{pk}", ""))
    return found


def _contact_points(world: World, contacts: list[tuple[int, str, str, str]]) -> Rows:
    names = ("person_id", "kind", "value", "label")
    columns = dict(zip(names, zip(*contacts, strict=True), strict=True))
    return Rows(ContactPoint, {"id": world.ids.take(ContactPoint, len(contacts)), **columns})
