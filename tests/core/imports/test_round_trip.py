"""import(export(x)) = x: every column that can come in, as it went out, in each format, heading and language."""

import datetime
import random
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from core.imports.inputs import CreatedInput, IdentityInput, PartInput, PartsInput, SplitInput, inputs_of
from core.imports.kinds import everything
from core.imports.kinds import get as kind_of
from core.imports.models import Import
from core.records import Part
from crm.models import Channel, Lead, Organization, Person, Sector
from tests.core.imports.making import exported, imported
from tests.factories import EventFactory, LeadFactory, OrganizationFactory, PersonFactory, StationFactory, UserFactory

pytestmark = pytest.mark.django_db

ROWS = 34  # of each kind, format, heading and language: 5 x 2 x 2 x 3 x 34 = 2,040
NASTY = [
    "=1+1", "+SUM(A1)", "-2+3", "@cmd", "'=1+1", "''quoted", "'apostrophe", "＝１＋１", "＋８１", "－１", "＠ｘ",
    "+81 3-1234-5678", "-1,234.50", "0120-000-123", "00123", "1e5", "TRUE", "2019/7/2", "43648", "#N/A is text",
    "a,b;c\td|e", 'say "no"', "line\nbreak", "line\r\nbreak", "tab\there", "😀🏭", "𠮷野家", "髙﨑", "日本電気",
    "日本电气", "株式会社ほくよう", "（株）見本", "Straße", "naïve café", "한국", "ｶﾀｶﾅ", "_x0041_", "<r>markup</r>",
    "&amp; <b>", "％", "x" * 90, "first; second", "\\n", "%s %(x)s", "~!@#$%^&*", "a\u00a0b", "null", "None", "—", "'",
]  # fmt: skip
LINE = [text for text in NASTY if not set(text) & set("\r\n")]
COUNTRIES = ["JP", "CN", "DE", "US", "TW", "KR", "GB"]  # in Chinese, two of the world's countries share a name
CONTACTS = {"email": "a.b@example.com", "phone": "+81 3-1234-5678", "wechat": "=wx;1", "line": "@id"}
number = iter(range(1, 10**9))


def text(some, choices=NASTY, limit=100):
    return some.choice(choices)[:limit].strip() if some.random() < 0.8 else ""


def unique(some):
    return f"{some.choice(LINE)[:80].strip()} {next(number)}"


def day(some):
    return datetime.date(2019, 1, 1) + datetime.timedelta(days=some.randrange(2000)) if some.random() < 0.7 else None


def minute(some):
    return datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(minutes=some.randrange(10**6))


def an_organization(some, world):
    record = OrganizationFactory(
        name=unique(some), name_en=text(some, LINE), name_zh=text(some, LINE), name_ja=text(some, LINE),
        name_kana=text(some, LINE), kind=some.choice(Organization.Kind.values), country=some.choice(COUNTRIES),
        city=text(some, LINE), address=text(some), phone=text(some, LINE, 50), listed_code=text(some, LINE, 20),
        website=some.choice(["", "https://example.com/?a=1,2;3"]), source=text(some), notes=text(some),
        parent=some.choice([None, *world["organizations"]]),
    )  # fmt: skip
    record.sectors.set(some.sample(world["sectors"], some.randrange(3)))


def a_person(some, world):
    record = PersonFactory(
        family_name=unique(some), given_name=text(some, LINE), family_kana=text(some, LINE),
        given_kana=text(some, LINE), family_latin=text(some, LINE), given_latin=text(some, LINE),
        name_order=some.choice(Person.NameOrder.values), language=some.choice(["", "ja", "zh-hans", "en"]),
        collected_on=day(some), collected_at=text(some), collected_from=text(some), notes=text(some),
    )  # fmt: skip
    for kind, value in CONTACTS.items():
        if some.random() < 0.5:
            label = some.choice(["", "office", "秘書, 午前", "a; b"])
            record.contact_points.create(kind=kind, value=value, label=label)
    for organization in some.sample(world["plain"], some.randrange(3)):
        position = some.choice(["", "部長", "=CEO"])
        more = {"position_en": "Head", "department": "営業部"} if position and some.random() < 0.5 else {}
        days = {"starts_on": datetime.date(2019, 7, 2), "ends_on": datetime.date(2024, 3, 31)} if more else {}
        record.affiliations.create(organization=organization, position=position, **more, **days)


def a_lead(some, world):
    amount = some.choice([None, Decimal("1234.5"), Decimal("99999999999999999.99"), Decimal(0)])
    record = Lead(
        title=unique(some), organization=some.choice(world["organizations"]),
        contact=some.choice([None, *world["people"]]), station=some.choice(world["stations"]),
        owner=some.choice(world["users"]), received_on=day(some) or datetime.date(2024, 7, 2),
        channel=some.choice([None, *world["channels"]]), referrer=some.choice([None, *world["organizations"]]),
        referrer_person=some.choice([None, *world["people"]]), sector=some.choice([None, *world["sectors"]]),
        interest_amount=amount, interest_currency="" if amount is None else some.choice(["CNY", "JPY", "USD"]),
        jobs=some.choice([None, 0, 1200]), likelihood=some.choice([None, 0, 100]),
        stage=some.choice(["new", "contacted", "qualified"]), next_step=text(some), next_step_on=day(some),
        notes=text(some),
    )  # fmt: skip
    record.save()
    record.collaborators.set(some.sample(world["users"], some.randrange(3)))


def an_interaction(some, world):
    model = kind_of("interactions").model
    record = model(
        kind=some.choice(model.Kind.values), subject=unique(some), starts_at=minute(some),
        minutes_long=some.choice([None, 0, 90]), place=text(some), station=some.choice(world["stations"]),
        lead=some.choice([None, *world["leads"]]), minutes=text(some), minutes_language=some.choice(["", "ja", "und"]),
    )  # fmt: skip
    record.save()
    record.organizations.set(some.sample(world["organizations"], some.randrange(3)))
    record.people.set(some.sample(world["people"], some.randrange(3)))
    record.staff.set(some.sample(world["users"], some.randrange(3)))


def a_guest(some, world):
    model = kind_of("guests").model
    model(
        event=some.choice(world["events"]), person=PersonFactory(family_name=f"客{next(number)}"),
        organization=some.choice([None, *world["organizations"]]), position_held=text(some, LINE),
        role=some.choice(model.Role.values), rank=some.choice([None, 1, 300]), notes=text(some),
        invitation=some.choice(model.Invitation.values), attendance=some.choice(model.Attendance.values),
        lead=some.choice([None, *world["leads"]]),
    ).save()  # fmt: skip


MAKERS = {
    "organizations": an_organization,
    "people": a_person,
    "leads": a_lead,
    "interactions": an_interaction,
    "guests": a_guest,
}


def test_every_kind_takes_part():
    assert set(MAKERS) == set(everything())


@pytest.fixture
def reader(director):
    director.time_zone = "Asia/Tokyo"
    director.save()
    return director


@pytest.fixture
def world(db):
    """What the records are related to; it stays where it is while they go out and come back."""
    names = ("A; B", "=X", "日本電気, 本社", "N・E")
    organizations = [OrganizationFactory(name=f"{name} {next(number)}") for name in names]
    plain = [OrganizationFactory(name=f"試験{next(number)}") for _time in range(3)]
    users = [UserFactory(full_name=f"担当; {next(number)}") for _time in range(3)]
    stations = [StationFactory() for _time in range(2)]
    ours = {"organization": plain[0], "station": stations[0], "owner": users[0]}
    leads = [LeadFactory(title=f"案件, {next(number)}", **ours) for _time in range(2)]
    return {
        "organizations": organizations, "plain": plain, "users": users, "stations": stations, "leads": leads,
        "people": [PersonFactory(family_name=f"李{next(number)}") for _time in range(3)],
        "events": [EventFactory() for _time in range(2)],
        "sectors": list(Sector.objects.all()[:4]), "channels": list(Channel.objects.all()[:3]),
    }  # fmt: skip


def stored(slug, pks):
    """Everything of these records that an import can bring, without their numbers."""
    kind = kind_of(slug)
    found = []
    for record in kind.model.objects.filter(pk__in=pks).order_by("pk"):
        values = {}
        for one in inputs_of(kind).values():
            if isinstance(one, PartsInput):
                parts = one.model.objects.filter(**{one.model.whole: record})
                values[one.code] = sorted(map(part_values, parts), key=str)
            elif not isinstance(one, IdentityInput | CreatedInput | PartInput | SplitInput) and hasattr(one, "field"):
                values[one.code] = field_value(record, one.field) if one.field.model is kind.model else None
        found.append(values)
    return sorted(found, key=str)


def part_values(part):
    names = [field.attname for field in part._meta.fields if not field.primary_key and field.name != part.whole]
    return {name: getattr(part, name) for name in names}


def field_value(record, field):
    if field.many_to_many:
        return sorted(getattr(record, field.name).values_list("pk", flat=True))
    value = getattr(record, field.attname)
    return str(value) if field.name == "country" else value


def take_away(slug, pks):
    """As if the records had never been here."""
    model = kind_of(slug).model
    for relation in model._meta.related_objects:
        if issubclass(relation.related_model, Part) and relation.related_model.whole == relation.field.name:
            relation.related_model.objects.filter(**{f"{relation.field.name}__in": pks}).delete()
    model.objects.filter(pk__in=pks).delete()


@pytest.mark.parametrize("language", ["en", "zh-hans", "ja"])
@pytest.mark.parametrize("headers", ["labels", "codes"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("slug", sorted(MAKERS))
def test_what_was_exported_comes_back_as_it_was(slug, file_format, headers, language, reader, world):
    reader.language = language
    reader.save()
    some = random.Random(f"{slug} {file_format} {headers} {language}")
    model = kind_of(slug).model
    before = set(model.objects.values_list("pk", flat=True))
    with translation.override(language), timezone.override("Asia/Tokyo"):
        for _row in range(ROWS):
            MAKERS[slug](some, world)
        pks = set(model.objects.values_list("pk", flat=True)) - before
        expected = stored(slug, pks)
        content = exported(reader, slug, file_format, headers)
        take_away(slug, pks)
        import_ = imported(reader, slug, content, f"x.{file_format}")
        assert import_.rows_added == ROWS
        now = set(model.objects.values_list("pk", flat=True)) - before
        assert stored(slug, now) == expected
        again = imported(reader, slug, content, f"x.{file_format}")
        assert (again.rows_added, again.rows_updated) == (0, 0)
        updated = imported(reader, slug, content, f"x.{file_format}", duplicates=Import.Duplicates.UPDATE)
        assert (updated.rows_added, updated.rows_updated) == (0, 0)


def test_the_number_of_rows():
    assert ROWS * len(MAKERS) * 2 * 2 * 3 >= 2000
