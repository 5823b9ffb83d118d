"""Organizations with their names in every script, their other names and their sectors."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from crm.models import Alias, Organization, Sector
from demo.sample.numbers import corporate_number, credit_code
from demo.sample.words import often, one_of, rows, words
from demo.sample.world import HOMES, Rows, Tables, World

HOW_MANY = (42, 32, 5, 7, 14)  # of a hundred, in the order of HOMES
JAPANESE_FORMS = (("株式会社", ""), ("", "株式会社"), ("", "株式会社"), ("有限会社", ""), ("合同会社", ""))
CHINESE_FORMS = ("有限公司", "有限公司", "股份有限公司", "集团有限公司")


class Company(NamedTuple):
    name: str
    name_en: str
    name_zh: str
    name_ja: str
    name_kana: str
    kind: str
    country: str
    city: str
    short: str  # without the legal form
    acronym: str
    language: str


def _acronym(*latin: str) -> str:
    return "".join(word[0] for word in latin).upper()


def _japanese(rng: Random) -> Company:
    brand, field, trade = (often(rng, "japan", name) for name in ("brands", "fields", "trades"))
    own, kana, _latin, chinese = ("".join(part) for part in zip(brand, field, trade[:4], strict=True))
    english = f"{brand[2]} {field[2]} {trade[2]}"
    kind = trade[4]
    commercial = kind in ("company", "finance")
    before, after = rng.choice(JAPANESE_FORMS) if commercial else ("", "")
    name = f"{before}{own}{after}"
    city = rng.choice(words("japan", "cities"))
    return Company(
        name,
        f"{english} Co., Ltd." if commercial else english,
        f"{chinese}株式会社" if commercial and rng.random() < 0.7 else "",
        name,
        kana,
        *(kind, "JP", city, own, _acronym(brand[2], field[2], trade[2]), "ja"),
    )


def _chinese(rng: Random) -> Company:
    city, first, second = (one_of(rng, "china", name) for name in ("cities", "first", "second"))
    trade = often(rng, "china", "trades")
    short = f"{first[0]}{second[0]}{trade[0]}"
    pinyin = f"{first[1]}{second[1]}"
    commercial = trade[3] in ("company", "finance")
    name = f"{city[0]}{short}" + (rng.choice(CHINESE_FORMS) if commercial else "")
    english = f"{city[1]} {pinyin} {trade[1]}" + (" Co., Ltd." if commercial else "")
    japanese = f"{city[2]}{first[2]}{second[2]}{trade[2]}" if rng.random() < 0.3 else ""
    return Company(
        name, english, name, japanese, "", trade[3], "CN", f"{city[0]}市", short,
        _acronym(city[1], first[1], trade[1]), "zh-hans",
    )  # fmt: skip


def _taiwanese(rng: Random) -> Company:
    city, brand, trade = (often(rng, "taiwan", name) for name in ("cities", "brands", "trades"))
    short = f"{brand[0]}{trade[0]}"
    simplified = f"{brand[2]}{trade[2]}股份有限公司"
    return Company(
        f"{short}股份有限公司", f"{brand[1]} {trade[1]} Co., Ltd.", simplified, "", "", trade[3], "TW", city[0], short,
        _acronym(city[1], brand[1], trade[1]), "zh-hant",
    )  # fmt: skip


def _korean(rng: Random) -> Company:
    brand, trade = often(rng, "korea", "brands"), often(rng, "korea", "trades")
    short = f"{brand[0]}{trade[0]}"
    city = rng.choice(words("korea", "cities"))
    return Company(
        f"주식회사 {short}", f"{brand[1]} {trade[1]} Co., Ltd.", "", "", "", trade[2], "KR", city, short,
        _acronym(brand[1], trade[1], "Korea"), "ko",
    )  # fmt: skip


def _western(rng: Random) -> Company:
    brand, field = rng.choice(words("west", "brands")), rng.choice(words("west", "fields"))
    trade = often(rng, "west", "trades")
    country, form = one_of(rng, "west", "forms")
    cities = [city for place, city in rows("west", "cities") if place == country]
    short = f"{brand} {field} {trade[0]}"
    name = f"{short} {form}" if trade[1] in ("company", "finance") else short
    acronym = _acronym(brand, field, trade[0])
    language = "de" if country == "DE" else "en"
    return Company(name, name, "", "", "", trade[1], country, rng.choice(cities), short, acronym, language)


COMPOSE: dict[str, Callable[[Random], Company]] = {
    "japan": _japanese,
    "china": _chinese,
    "taiwan": _taiwanese,
    "korea": _korean,
    "west": _western,
}
PHONES = {"JP": "+81 3-0000-", "CN": "+86 512-0000-", "TW": "+886 2-0000-", "KR": "+82 2-000-"}


def organizations(world: World) -> Tables:
    sectors = list(Sector.objects.in_use(world.until).values_list("pk", flat=True))
    for rng, indexes, ids in world.chunks(Organization):
        homes = rng.choices(range(len(HOMES)), HOW_MANY, k=len(ids))
        world.homes.extend(homes)
        companies = [COMPOSE[HOMES[home]](rng) for home in homes]
        world.short_names.extend(company.short for company in companies)
        aliases = [_aliases(rng, company) for company in companies]
        yield _organizations(world, rng, indexes, ids, companies, aliases)
        yield _alias_rows(world, ids, aliases)
        yield _sector_rows(world, rng, ids, sectors)


def _aliases(rng: Random, company: Company) -> list[tuple[str, str, str]]:
    """Name, kind and language."""
    found = []
    if company.short != company.name and rng.random() < 0.5:
        found.append((company.short, "short", company.language))
    if rng.random() < 0.25:
        found.append((company.acronym, "acronym", "en"))
    return found


def _organizations(
    world: World,
    rng: Random,
    indexes: range,
    ids: range,
    companies: list[Company],
    aliases: list[list[tuple[str, str, str]]],
) -> Rows:
    moments = [world.clock.moment(world.point(rng, n, Organization)) for n in indexes]
    users = [rng.choice(rng.choice(world.stations).staff) for _id in ids]
    registered = [_registration(rng, pk, company.country) for pk, company in zip(ids, companies, strict=True)]
    names = ("corporate_number", "credit_code", "listed_code")
    return Rows(
        Organization,
        {
            "id": ids,
            **dict(zip(Company._fields[:8], zip(*(company[:8] for company in companies), strict=True), strict=True)),
            **dict(zip(names, zip(*registered, strict=True), strict=True)),
            "parent_id": _parents(world, rng, indexes),
            "phone": [_phone(rng, company.country) for company in companies],
            "website": [f"https://www.example.com/{pk}" for pk in ids],
            "created_at": moments,
            "updated_at": moments,
            "created_by_id": users,
            "updated_by_id": users,
            "version": [1 + len(others) for others in aliases],
        },
        {"aliases__name": [[alias[0] for alias in others] for others in aliases]},
    )


def _registration(rng: Random, pk: int, country: str) -> tuple[str, str, str]:
    """Corporate number, credit code and stock code, where the country has such and this one's is known."""
    chance = rng.random()
    return (
        corporate_number(pk) if country == "JP" and chance < 0.8 else "",
        credit_code(pk) if country == "CN" and chance < 0.7 else "",
        str(1300 + int(chance * 87_000)) if chance < 0.1 else "",
    )


def _phone(rng: Random, country: str) -> str:
    start = PHONES.get(country)
    return f"{start}{rng.randrange(10_000):04}" if start else ""


def _parents(world: World, rng: Random, indexes: range) -> list[int | None]:
    """Every twentieth belongs to a group, whose head is always an earlier organization, so that there is no circle."""
    ids = world.of(Organization)
    return [ids[rng.randrange(n)] if n and rng.random() < 0.05 else None for n in indexes]


def _alias_rows(world: World, ids: range, aliases: list[list[tuple[str, str, str]]]) -> Rows:
    flat = [(pk, *alias) for pk, others in zip(ids, aliases, strict=True) for alias in others]
    columns = zip(*flat, strict=True) if flat else ((), (), (), ())
    of, names, kinds, languages = columns
    return Rows(
        Alias,
        {
            "id": world.ids.take(Alias, len(flat)),
            "organization_id": of,
            "name": names,
            "kind": kinds,
            "language": languages,
        },
    )


def _sector_rows(world: World, rng: Random, ids: range, sectors: list[int]) -> Rows:
    links = Organization.sectors.through
    pairs = [(pk, sector) for pk in ids for sector in rng.sample(sectors, 1 if rng.random() < 0.8 else 2)]
    of, chosen = zip(*pairs, strict=True)
    return Rows(links, {"id": world.ids.take(links, len(pairs)), "organization_id": of, "sector_id": chosen})
