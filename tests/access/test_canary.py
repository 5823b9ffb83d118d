"""Words that stand only in another station's records are nowhere: not on a page, in a file, a choice or a count."""

import logging
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import models

from core import resources
from core.admin.lists import ResourceAdmin
from core.admin.scoped import ScopedAdmin, autocompleted
from core.records import Record
from tests.access.canary import LOGS, Crawler, Page, Planted, holds_words, restricted
from tests.factories import UserFactory
from tests.filled import filled, surround

pytestmark = pytest.mark.django_db
PAGES = {model: page for model, page in admin.site._registry.items() if isinstance(page, ScopedAdmin)}
UNKNOWN = "zq9999x"  # a word that nobody planted
# Who reads, and how many pages at least.
READERS = {"Event manager": 300, "Contract manager": 300, "reader of logs": 300, "": 3}


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def reader(role, station):
    """Works at the Osaka station; who has no role has no right either."""
    if role != "reader of logs":
        return UserFactory(username="reader", role=role or None, station=station)
    user = UserFactory(username="reader", role="Officer", station=station)
    logs = Permission.objects.filter(codename__in=("view_logentry", "view_exportlog"))
    user.user_permissions.add(*logs)
    return user


def own_records(user, station):
    """One of each restricted record within the reader's reach, so that there are pages to read."""
    for model in restricted():
        if issubclass(model, Record):
            surround(filled(model, station=station))


def lists():
    """Every list, on the staff site and in the API."""
    for model in PAGES:
        yield f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for slug in resources.everything():
        yield f"/api/v1/{slug}/"


def choices():
    """Every relation whose records are offered while somebody types."""
    for model in PAGES:
        for name in autocompleted(model, admin.site):
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
            yield f"/admin/autocomplete/?{urlencode(asked)}&term="


def seeds():
    """Where reading begins: what no link leads to is named here, for every model and resource there is."""
    yield from ("/", "/admin/", "/api/v1/", "/api/v1/schema/", "/admin/password_change/", *choices())
    for model, page in PAGES.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield from (address, f"{address}?archived=all", f"{address}add/", f"{address}?o=1.-2", f"{address}?o=3.-4")
        if isinstance(page, ResourceAdmin):
            yield from (f"{address}export/?{urlencode(kind)}" for kind in FILES)
    for slug, resource in resources.everything().items():
        address, codes = f"/api/v1/{slug}/", ",".join(column.code for column in resource.columns.all)
        yield from (address, f"{address}?fields={codes}", f"{address}?page_size=1")
        yield from (f"{address}?ordering={name}&fields=id" for name in resource.order_fields)
        if issubclass(resource.model, Record):
            yield f"{address}?archived=all&fields={codes}"
            yield f"{address}?archived=all&format=csv&headers=codes"


FILES = [
    {"format": kind, "headers": headers, "archived": "all"}
    for kind in ("csv", "xlsx")
    for headers in ("labels", "codes")
]


def told(page: Page, planted: Planted) -> set[str]:
    return {f"{page.address}: {planted.words[word]}" for word in page.words() if word in planted.words}


@pytest.fixture
def crawled(osaka_station, logged_in):
    """`crawled(role)`: the words planted, and all that somebody in this role reads."""

    def crawl(role):
        user = reader(role, osaka_station)
        own_records(user, osaka_station)
        planted, crawler = Planted(), Crawler(logged_in(user))
        crawler.crawl(list(seeds()))
        return planted, crawler

    return crawl


@pytest.mark.parametrize("role", list(READERS))
def test_nothing_that_a_stranger_reads_tells_of_another_station(role, crawled):
    planted, crawler = crawled(role)
    found = set().union(*(told(page, planted) for page in crawler.pages.values()))
    assert found == set()
    assert {page.address for page in crawler.pages.values() if page.status >= 500} == set()
    assert len(crawler.read_well()) >= READERS[role]


def test_the_pages_of_an_officer_are_the_same_without_the_records_of_others(crawled):
    """Not one of the words is there, and no count, no order, no choice and no button depends on the records."""
    planted, crawler = crawled("Officer")
    assert set().union(*(told(page, planted) for page in crawler.pages.values())) == set()
    assert len(crawler.read_well()) >= 500
    before = {address: page for address, page in crawler.pages.items() if not LOGS.match(address)}
    planted.dig_up()
    differing = []
    for address, page in before.items():
        again = crawler.read(address)
        if (again.status, again.comparable()) != (page.status, page.comparable()):
            differing.append(address)
    assert differing == []


def test_looking_for_a_word_of_another_station_is_like_looking_for_none(osaka_station, logged_in):
    user = reader("Officer", osaka_station)
    own_records(user, osaka_station)
    planted, crawler = Planted(), Crawler(logged_in(user))
    differing = []
    for address in [f"{found}?search=" for found in lists()] + list(choices()):
        if crawler.read(address + UNKNOWN).status != 200:
            continue
        none = crawler.pages[address + UNKNOWN].comparable()
        words = searched_words(planted)[:: 3 if "autocomplete" in address else 1]
        found = {word: crawler.read(address + word).comparable().replace(word, UNKNOWN) for word in words}
        differing += [(address, planted.words[word]) for word in words if found[word] != none]
    assert differing == []
    assert len(crawler.pages) > 300


def searched_words(planted):
    """A word of each field that a search looks into."""
    first = {}
    for word, place in planted.words.items():
        if place in SEARCHED:
            first.setdefault(place, word)
    return list(first.values())


SEARCHED = {f"{model._meta.label}.{name}" for model in restricted() for name in getattr(model, "searched", ())}


def test_the_director_reads_the_words(director, osaka_station, logged_in):
    """The tests above would pass if nothing were planted, or if the crawler read nothing."""
    planted, crawler = Planted(), Crawler(logged_in(director))
    crawler.crawl([address for address in seeds() if address.startswith("/api/v1/")])
    found = set().union(*(page.words() for page in crawler.pages.values()))
    places = {place for word, place in planted.words.items() if word in found}
    missed = set(planted.words.values()) - places
    assert {place for place in missed if not place.startswith("core.") and not place.endswith(" content")} == set()


def test_every_restricted_text_has_a_word(db):
    planted = Planted()
    places = set(planted.words.values())
    for model in restricted():
        for field in model._meta.concrete_fields:
            if holds_words(field):
                assert f"{model._meta.label}.{field.name}" in places
    assert all(planted.rows.values()), [model for model, pks in planted.rows.items() if not pks]


def test_what_is_too_short_for_a_word_holds_no_text_of_people():
    """A field that is left out is a code or a choice."""
    left_out = {
        f"{model._meta.label}.{field.name}"
        for model in restricted()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not holds_words(field) and not field.choices
    }
    assert left_out == {
        *(f"{model._meta.label}.search_text" for model in restricted() if issubclass(model, Record)),
        "core.ApiToken.digest",
        "core.CalendarFeed.digest",
        "core.Import.delimiter",
    }
