"""People with their names in each script, their posts and how to reach them."""

from collections.abc import Callable
from itertools import chain
from random import Random
from typing import NamedTuple

from crm.models import Affiliation, ContactPoint, Organization, Person
from demo.sample.words import often, one_of, rows, words
from demo.sample.world import Rows, Tables, World, skewed, table

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


class Post(NamedTuple):
    person_id: int
    organization_id: int
    position: str
    position_en: str
    department: str
    starts_on: str
    ends_on: str | None


class Contact(NamedTuple):
    person_id: int
    kind: str
    value: str
    label: str


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
        posts = [_posts(world, rng, pk, n, employers) for pk, n in zip(ids, indexes, strict=True)]
        contacts = [_contacts(rng, pk, home) for pk, home in zip(ids, homes, strict=True)]
        yield _people(world, rng, indexes, ids, names)._replace(
            linked={
                "affiliations__organization": [[post.organization_id for post in found] for found in posts],
                "contact_points__value": [[contact.value for contact in found] for found in contacts],
            }
        )
        yield table(world, Affiliation, list(chain(*posts)))
        yield table(world, ContactPoint, list(chain(*contacts)))


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
        },
    )


def _posts(world: World, rng: Random, pk: int, index: int, employers: range) -> list[Post]:
    """Everybody's post of today; every tenth has left another one."""
    since = rng.random() * world.clock.length / 2
    home = world.home(world.employer(index))
    departments = words(POSTS_OF.get(home, home) if home != "korea" else "west", "departments")
    own, english = post(world, index)
    employer = employers[world.employer(index)]
    found = [Post(pk, employer, own, english, rng.choice(departments), world.clock.day(since), None)]
    if rng.random() < 0.1:
        days = world.clock.day(since * rng.random()), world.clock.day(since)
        found.append(Post(pk, employers[skewed(rng, employers)], own, english, "", *days))
    return found


def _contacts(rng: Random, pk: int, home: str) -> list[Contact]:
    found = []
    if rng.random() < 0.9:
        found.append(Contact(pk, "email", f"person{pk}@example.com", ""))
    if rng.random() < 0.6:
        number = f"{rng.randrange(100):02}" if home == "west" else f"{rng.randrange(10_000):04}"
        found.append(Contact(pk, "phone", PHONES.get(home, WEST_PHONE) + number, "office"))
    if home == "china" and rng.random() < 0.4:
        found.append(Contact(pk, "wechat", f"wx_sample_{pk}", ""))
    if home == "japan" and rng.random() < 0.1:
        found.append(Contact(pk, "line", f"line-sample-{pk}", ""))
    return found
