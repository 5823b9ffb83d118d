"""The text that a record is found by, `Record.search_text`: tokens (`core.search`), each between two spaces.

Its first line has the record's own names and texts, the second those of the records that it is about, so that a lead is
found by its organization's names without a join. Whatever changes a name renews both: `Record.save`, parts, links, and
the querysets of records and parts. A write that goes past them calls `renew`.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connections, models, router, transaction

from core.search import WHOLE, tokens

CHUNK = 1000


def compose(own: Iterable[str], related: Iterable[str] = ()) -> str:
    """Each token once; those of related records only where the record does not have them itself."""
    known = dict.fromkeys(own)
    further = dict.fromkeys(token for token in related if token not in known)
    text = f" {' '.join(known)} "
    return f"{text}\n {' '.join(further)} " if further else text


def own_line(text: str) -> str:
    return text.partition("\n")[0]


def names(text: str) -> list[str]:
    """The tokens by which others are found that are about this record; how its name begins counts for itself alone."""
    return [token for token in own_line(text).split() if not token.startswith(WHOLE)]


# -- what a model declares --------------------------------------------------------------------------------------------


def is_path(entry: Any) -> bool:
    """Or several paths that begin alike, whose values are read as one name."""
    return "__" in (entry if isinstance(entry, str) else entry[0])


def plain_fields(searched: Iterable[Any]) -> list[str]:
    """The fields of the record itself among those that it is found by."""
    entries = [entry for entry in searched if not is_path(entry)]
    return [name for entry in entries for name in ((entry,) if isinstance(entry, str) else entry)]


def _is_foreign_key(model: Any, path: str) -> bool:
    return "__" not in path and bool(model._meta.get_field(path).many_to_one)


def target(model: Any, path: str) -> Any:
    """The model at the end of a path of relations."""
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return model


@cache
def dependents(model: type[models.Model]) -> tuple[tuple[Any, str], ...]:
    """Whose second line holds this model's names: (model, path to it)."""
    return tuple(
        (other, path)
        for other in apps.get_models()
        for path in getattr(other, "searched_related", ())
        if target(other, path) is model
    )


@cache
def touched_by(model: Any) -> frozenset[str]:
    """The model's own fields whose change changes its text."""
    related = [path for path in model.searched_related if _is_foreign_key(model, path)]
    fields = [*plain_fields(model.searched), *related]
    return frozenset({*fields, *(model._meta.get_field(name).attname for name in fields)})


@cache
def shows_in_whole(part: Any) -> bool:
    """Whether the record that a part belongs to is found by it."""
    whole = target(part, part.whole)
    name = part._meta.get_field(part.whole).remote_field.get_accessor_name()
    paths = [entry for entry in (*whole.searched, *whole.searched_related) if is_path(entry)]
    return any((path if isinstance(path, str) else path[0]).startswith(f"{name}__") for path in paths)


# -- making it --------------------------------------------------------------------------------------------------------


def _joined(record: Any, entry: Any) -> str:
    fields = (entry,) if isinstance(entry, str) else entry
    return " ".join(str(value) for name in fields if (value := getattr(record, name)))


class _Texts:
    """The texts of records of one model, stored or not yet: a query for each part and relation, however many."""

    def __init__(self, records: Sequence[Any], searched: Sequence[Any], related: Sequence[str]) -> None:
        self.records, self.searched, self.related = records, searched, related
        self.model = type(records[0])
        stored = ((record.pk, at) for at, record in enumerate(records) if record.pk and not record._state.adding)
        self.places = dict(stored)

    def made(self) -> Iterator[str]:
        own, further = self._own(), self._further()
        return (compose(tokens(texts), others) for texts, others in zip(own, further, strict=True))

    def _own(self) -> list[list[str]]:
        plain = [entry for entry in self.searched if not is_path(entry)]
        found = [[_joined(record, entry) for entry in plain] for record in self.records]
        for path in filter(is_path, self.searched):
            for pk, text in self._read(path):
                found[self.places[pk]].append(text)
        return found

    def _further(self) -> list[list[str]]:
        found: list[list[str]] = [[] for _record in self.records]
        for path in self.related:
            for at, text in self._named(path) if _is_foreign_key(self.model, path) else self._linked(path):
                found[at] += names(text)
        return found

    def _named(self, name: str) -> Iterator[tuple[int, str]]:
        """By the foreign key as it stands in the record, which may not be stored yet."""
        field = self.model._meta.get_field(name)
        ids = [getattr(record, field.attname) for record in self.records]
        named = field.related_model._base_manager.filter(pk__in={pk for pk in ids if pk})
        texts = dict(named.values_list("pk", "search_text")) if any(ids) else {}
        return ((at, texts[pk]) for at, pk in enumerate(ids) if pk in texts)

    def _linked(self, path: str) -> Iterator[tuple[int, str]]:
        return ((self.places[pk], text) for pk, text in self._read(f"{path}__search_text"))

    def _read(self, entry: Any) -> Any:
        """(primary key, value) of what several rows of another table may say of a record."""
        if not self.places:
            return ()
        paths = (entry,) if isinstance(entry, str) else entry
        relation = paths[0].rpartition("__")[0]
        found = self.model._base_manager.filter(pk__in=self.places, **{f"{relation}__isnull": False})
        rows = found.order_by(f"{relation}__pk").values_list("pk", *paths)
        return rows if len(paths) == 1 else ((pk, " ".join(filter(None, texts))) for pk, *texts in rows)


def stamp(records: Sequence[Any], searched: Sequence[Any] | None = None, related: Sequence[str] | None = None) -> None:
    """Sets `search_text` of records of one model from their present values, without storing it.

    `searched` and `related` stand in for the model's own declarations, for migrations.
    """
    if not records:
        return
    model: Any = type(records[0])
    searched = model.searched if searched is None else searched
    related = model.searched_related if related is None else related
    for record, text in zip(records, _Texts(records, searched, related).made(), strict=True):
        record.search_text = text


# -- keeping it right -------------------------------------------------------------------------------------------------


def _chunks(pks: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(sorted(set(pks)))
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _fresh(model: Any, pks: Iterable[Any], searched: Sequence[Any], related: Sequence[str]) -> list[Any]:
    """The records, locked in the order of their keys, so that nobody stores an older text after us."""
    fields = [*plain_fields(searched), *(path for path in related if _is_foreign_key(model, path)), "search_text"]
    rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=pks)
    return list(rows.order_by("pk").only(*fields))


_put_off: ContextVar[bool] = ContextVar("liaison_texts_put_off", default=False)


@contextlib.contextmanager
def dependents_later() -> Iterator[None]:
    """Names that change inside are not told to what is found by them: whoever uses this calls `renew` afterwards, with
    `every=True`, once for all of the changes."""
    token = _put_off.set(True)
    try:
        yield
    finally:
        _put_off.reset(token)


def renew(
    model: Any,
    pks: Iterable[Any],
    searched: Sequence[Any] | None = None,
    related: Sequence[str] | None = None,
    *,
    every: bool = False,
) -> int:
    """Makes the texts of these stored records anew, and of those that are about them; answers how many changed. With
    `every` also of those that are about a record whose own names are the same."""
    searched = model.searched if searched is None else searched
    related = model.searched_related if related is None else related
    count = 0
    for chunk in _chunks(pks):
        with transaction.atomic():
            records = _fresh(model, chunk, searched, related)
            before = {record.pk: record.search_text for record in records}
            stamp(records, searched, related)
            changed = [record for record in records if record.search_text != before[record.pk]]
            _store(model, changed)
            renamed = [r.pk for r in records if every or own_line(r.search_text) != own_line(before[r.pk])]
            count += len(changed) + renew_dependents(model, renamed)
    return count


def _store(model: Any, records: Iterable[Any]) -> None:
    connection = connections[router.db_for_write(model)]
    columns = (model._meta.db_table, "search_text", model._meta.pk.column)
    table, text, pk = map(connection.ops.quote_name, columns)
    values = [(record.search_text, record.pk) for record in records]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {text} = %s WHERE {pk} = %s", values)  # noqa: S608  quoted names


def renew_dependents(model: Any, pks: Sequence[Any]) -> int:
    """Renews the records that are found by the names of these; answers how many changed."""
    count = 0
    for dependent, path in dependents(model) if pks and not _put_off.get() else ():
        for chunk in _chunks(pks):
            about = dependent._base_manager.filter(**{f"{path}__in": chunk})
            count += renew(dependent, about.values_list("pk", flat=True))
    return count


def renew_all(model: Any, searched: Sequence[Any], related: Sequence[str] = ()) -> None:
    """For migrations, with the model as it was then and what it was found by."""
    renew(model, model._base_manager.values_list("pk", flat=True).iterator(), searched, related)


def wrong(model: Any, pks: Sequence[Any]) -> list[Any]:
    """Those of these records whose stored text is not what it should be."""
    records = list(model._base_manager.filter(pk__in=pks).order_by("pk"))
    before = [record.search_text for record in records]
    stamp(records)
    return [record.pk for record, text in zip(records, before, strict=True) if record.search_text != text]
