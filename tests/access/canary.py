"""Records of a station that nobody here works for, with a word of its own in every text, and a reader of all pages.

Records are found through the access registry and pages by their links, so what is added later takes part.
"""

import html
import io
import json
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Any

from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection, models
from django.test import Client

from core import access, resources, search_text
from core.audit import OWN_APPS
from core.records import Part, Record
from core.stages import Change, Staged
from tests.access.world import plain
from tests.factories import StationFactory, UserFactory
from tests.filled import MODELS, filled, surround

WORD = re.compile(r"zq\d{4}x|98765432\d{4}")
LOGS = re.compile("/admin/(auditlog/logentry|core/exportlog)/")


def restricted() -> list[type[models.Model]]:
    """Every model of ours whose records not all staff see."""
    ours = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    return [model for model in ours if access.registered(model) and access.is_restricted(model)]


class Planted:
    """One of each restricted record and all that belongs to it, at a station of its own; `words` says where each is."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self._number = count(1)
        self.station = StationFactory(name="Station of the others")
        self.person = UserFactory(username="somebody-else", role="Officer", station=self.station)
        before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in restricted()}
        for model in restricted():
            if not issubclass(model, Part | Change):
                self._plant(model)
        self.rows = {model: set(model._base_manager.values_list("pk", flat=True)) - before[model] for model in before}
        for model, pks in self.rows.items():
            for row in model._base_manager.filter(pk__in=pks):
                self._write_words(row)
        for model, pks in self.rows.items():
            if issubclass(model, Record):
                search_text.renew(model, pks)

    def _plant(self, model: Any) -> None:
        names = {field.name for field in model._meta.fields}
        fields = {name: value for name, value in (("station", self.station), ("user", self.person)) if name in names}
        if model not in MODELS:
            record = filled(model)
            model._base_manager.filter(pk=record.pk).update(**fields)
            return
        record = surround(filled(model, **fields))
        if isinstance(record, Staged):
            for flow in record.flows:
                flow.move(record, next(iter(flow.targets(record))), reason="they asked for it")
        if isinstance(record, Record):
            surround(filled(model, **fields)).archive(self._word(f"{model._meta.label}.archive_reason"))

    def _word(self, place: str) -> str:
        word = f"zq{next(self._number):04d}x"
        self.words[word] = place
        return word

    def _amount(self, place: str) -> int:
        amount = 987654320000 + next(self._number)
        self.words[str(amount)] = place
        return amount

    def _write_words(self, row: Any) -> None:
        values: dict[str, Any] = {}
        for field in row._meta.concrete_fields:
            place = f"{row._meta.label}.{field.name}"
            if isinstance(field, models.FileField):
                name = f"{self._word(place)}.txt"
                getattr(row, field.name).save(name, ContentFile(self._word(f"{place} content").encode()), save=False)
                values[field.name] = getattr(row, field.name).name
            elif isinstance(field, models.URLField):
                values[field.name] = f"https://{self._word(place)}.example"
            elif holds_words(field):
                values[field.name] = self._word(place)
            elif isinstance(field, models.DecimalField) and field.max_digits - field.decimal_places >= 12:
                values[field.name] = self._amount(place)
            elif isinstance(field, models.JSONField):
                values[field.name] = {self._word(place): self._word(place)}
        if "contracted_amount" in values:
            values["contracted_currency"] = "CNY"
        if "interest_amount" in values:
            values["interest_currency"] = "CNY"
        type(row)._base_manager.filter(pk=row.pk).update(**values)

    def dig_up(self) -> None:
        """Takes all of it away again, with what refers to it and what the log says of it."""
        for model, pks in self.rows.items():
            for relation in model._meta.related_objects:
                source = relation.related_model
                if source not in self.rows and relation.field.null:
                    source._base_manager.filter(**{f"{relation.field.name}__in": pks}).update(
                        **{relation.field.name: None}
                    )
            for field in model._meta.many_to_many:
                through = field.remote_field.through
                through._base_manager.filter(**{f"{field.m2m_field_name()}__in": pks}).delete()
            kind = ContentType.objects.get_for_model(model)
            LogEntry.objects.filter(content_type=kind, object_id__in=pks)._raw_delete("default")
        for model, pks in self.rows.items():
            model._base_manager.filter(pk__in=pks)._raw_delete("default")
        connection.check_constraints()


def holds_words(field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
    long_enough = (field.max_length or 99) >= 8
    return is_text and long_enough and not field.choices and not field.unique and field.name != "search_text"


class Page:
    """What somebody got to see, as text."""

    def __init__(self, address: str, response: Any) -> None:
        self.address, self.status = address, response.status_code
        content = b"".join(response) if response.streaming else response.content
        self.kind = response.headers.get("Content-Type", "").partition(";")[0]
        self.text = _sheets(content) if self.kind.endswith("sheet") else content.decode("utf-8", errors="replace")
        self.location = response.headers.get("Location", "")

    def words(self) -> set[str]:
        """The words in it, numbers also where they are grouped."""
        text = self.text.casefold()
        return {*WORD.findall(text), *WORD.findall(text.replace(",", ""))}

    def links(self) -> Iterator[str]:
        if self.location:
            yield self.location
        if self.kind == "text/html":
            for found in re.findall(r"""(?:href|action|data-url|src)="([^"]+)\"""", self.text):
                yield html.unescape(found)
        if self.kind == "application/json" and self.address.startswith("/api/"):
            yield from _addresses(json.loads(self.text))

    def comparable(self) -> str:
        """Without what differs from one moment to the next: forms are preset with the time."""
        return re.sub(r"\d\d:\d\d:\d\d|(?<=value=\"\d{4}-\d\d-\d\dT)\d\d:\d\d(?=\")", "now", plain(self.text))


def _sheets(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [name for name in sorted(book.namelist()) if name.startswith("xl/")]
        return "\n".join(book.read(name).decode("utf-8", errors="replace") for name in parts)


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)
    elif isinstance(value, str) and value.startswith(("http://testserver/", "/files/")):
        yield value


NEVER = ("/admin/logout/", "/static/", "/set-language/")
MOST_QUERIES = 3  # of one address found in links: orders and pages of a list are many and alike


class Crawler:
    """Follows every link from these addresses, and reads what API records have beside their list."""

    def __init__(self, client: Client, most: int = 650) -> None:
        self.client, self.most = client, most
        self.pages: dict[str, Page] = {}
        self._queue: deque[str] = deque()
        self._seen: set[str] = set()
        self._queries: dict[str, int] = {}

    def crawl(self, seeds: list[str]) -> None:
        for address in seeds:
            self._add(address)
        while self._queue and len(self.pages) < self.most:
            page = self.read(self._queue.popleft())
            for link in page.links():
                self._follow(link, page.address)
            for address in records_of(page):
                self._add(address)

    def read(self, address: str) -> Page:
        page = Page(address, self.client.get(address))
        self.pages[address] = page
        return page

    def read_well(self) -> list[Page]:
        """The pages that there are for this reader."""
        return [page for page in self.pages.values() if page.status == 200]

    def _follow(self, link: str, here: str) -> None:
        link = link.removeprefix("http://testserver").partition("#")[0]
        if link.startswith("?"):
            link = here.partition("?")[0] + link
        if not link.startswith("/") or link.startswith(NEVER):
            return
        path, mark, _query = link.partition("?")
        if mark and link not in self._seen:
            self._queries[path] = self._queries.get(path, 0) + 1
            if self._queries[path] > MOST_QUERIES:
                return
        self._add(link)

    def _add(self, address: str) -> None:
        if address not in self._seen:
            self._seen.add(address)
            self._queue.append(address)


def records_of(page: Page) -> Iterator[str]:
    """The addresses of the records in an API list."""
    found = re.fullmatch(r"/api/v1/([a-z-]+)/", page.address)
    if found and found[1] in resources.everything() and page.status == 200:
        for row in json.loads(page.text)["results"]:
            yield f"/api/v1/{found[1]}/{row['id']}/"
            if issubclass(resources.get(found[1]).model, Record):
                yield f"/api/v1/{found[1]}/{row['id']}/history/"
