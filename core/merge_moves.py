"""What points at a record that can be merged, found in the models, and how its rows are moved to another record.

A kind of relation that is not known here is refused (`UnknownRelation`): a row that stayed behind would be lost. Rows
are moved by one statement for many, each with the version, the stamp and the entry in the history of a single change.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone
from django.utils.text import capfirst

from core import access
from core.audit import record_changes, record_links
from core.merges import Mergeable, numbered
from core.records import Part, Record
from core.request_context import current_user

AT_ONCE = 1000
# What else holds the id of a record, as content type and number, as text or within JSON, and why merging leaves it
# alone (`tests/core/test_merge_moves.py` asks for every such field).
LEFT_ALONE = {
    "auditlog.LogEntry.content_type": "says what happened to the record then; its history is told with the kept one's",
    "core.ImportedRecord.content_type": "notes what an import did; it cannot be undone once its records were merged",
    "core.Merge.kind": "is the log of the merges",
    "core.Session.session_data": "who is signed in; no record is named there",
    "core.SavedView.query": "a filter by a merged record means the one that it was merged into (`core.filters`)",
    "core.SavedView.columns": "names of columns",
    "core.KeptAnswer.path": "what was asked within the last day; the address leads on to the kept record",
    "core.KeptAnswer.body": "what was answered within the last day; the address leads on to the kept record",
    "core.KeptAnswer.headers": "what was answered within the last day; the address leads on to the kept record",
    "core.User.list_settings": "columns, density and the number of a saved view",
    "core.ExportLog.parameters": "is a log of what was asked for",
    "core.ExportLog.columns": "names of columns",
    "core.Import.mapping": "names of columns",
    "core.Import.values": "what was typed for a file that is in by now",
    "core.Import.problems": "texts about a file",
    "core.Import.preview": "texts about a file",
    "core.Import.failure": "texts about a file",
    "core.ImportedRecord.before": "serves to undo an import, which is refused once its records were merged",
    "core.ImportMapping.mapping": "names of columns",
    "core.Merge.kept_before": "is the log of the merges",
    "core.Merge.kept_after": "is the log of the merges",
    "core.Merge.merged_before": "is the log of the merges",
    "core.Merge.moved": "is the log of the merges",
    "core.Merge.doubles": "is the log of the merges",
    "core.Merge.added": "is the log of the merges",
}


class UnknownRelation(Exception):
    """Merging does not know what to do with the rows of this relation."""


@dataclass
class Touched:
    """The records whose content changed, by model; each version goes up by one, whatever of it was moved."""

    pks: dict[Any, set[Any]] = field(default_factory=dict)

    def add(self, model: Any, pks: Iterable[Any]) -> None:
        self.pks.setdefault(model, set()).update(pks)

    def without(self, *records: Any) -> None:
        """These are stored by themselves."""
        for record in records:
            self.pks.get(type(record), set()).discard(record.pk)

    def raise_versions(self) -> None:
        by = {"updated_by": user} if (user := current_user()) else {}
        for model, pks in self.pks.items():
            for some in chunks(sorted(pks)):
                stored = model._base_manager.filter(pk__in=some)
                stored.update(version=F("version") + 1, updated_at=timezone.now(), **by)


@dataclass(frozen=True)
class Relation:
    """Rows of `model` that point at a record with the foreign key `key`.

    Links are the rows of a many-to-many relation that `source` declares as `link`. What belongs to the record itself
    (`own`: its parts and its own links) stays with it where the other has the same already.
    """

    model: Any
    key: Any
    own: bool = False
    source: Any = None
    link: Any = None

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.key.name}"

    @property
    def is_shown(self) -> bool:
        return self.key.name != "merged_into"

    @property
    def shown_model(self) -> Any:
        """The model of the records that people know."""
        return self.source or self.model

    @property
    def label(self) -> str:
        if self.own:
            return str(capfirst(self.link.verbose_name if self.link else self.model._meta.verbose_name_plural))
        named = self.link or self.key
        return f"{capfirst(self.shown_model._meta.verbose_name_plural)} – {named.verbose_name}"

    def rows(self, pk: Any) -> Any:
        return self.model._base_manager.filter(**{self.key.attname: pk})

    def reached(self, user: Any, pk: Any) -> Any:
        """The rows that the user may know of."""
        return self._reached(user, self.rows(pk))

    def _reached(self, user: Any, rows: Any) -> Any:
        if self.own:
            return rows
        if not self.source:
            return access.scoped(user, rows)
        pointing = self.link.m2m_field_name()
        return rows.filter(**{f"{pointing}__in": access.scoped(user, self.source).values("pk")})

    def reached_among(self, user: Any, pks: list[Any]) -> Any:
        """Which of these rows the user may know of."""
        rows = self.model._base_manager.filter(pk__in=pks)
        return self._reached(user, rows).values_list("pk", flat=True)

    def doubles(self, pk: Any, other: Any, rows: Any = None) -> dict[Any, Any]:
        """The rows of a record of which another one has the same, where a rule allows only one: {row: that of the
        other}."""
        rows = self.rows(pk) if rows is None else rows
        found: dict[Any, Any] = {}
        for names, condition in unique_sets(self.model, self.key):
            same = self.rows(other).filter(**{name: OuterRef(name) for name in names}).order_by("pk")
            mine = rows
            if condition is not None:
                same, mine = same.filter(condition), mine.filter(condition)
            mine = mine.filter(Exists(same)).annotate(same=Subquery(same.values("pk")[:1]))
            found |= dict(mine.values_list("pk", "same"))
        return found

    def wholes(self, pks: list[Any]) -> tuple[Any, Any]:
        """The model and ids of the records of which these rows are content."""
        if issubclass(self.model, Record):
            return self.model, pks
        path, whole = self.model._meta.pk.name, self.model
        if self.source:
            path, whole = self.link.m2m_field_name(), self.source
        if issubclass(whole, Part):
            part: Any = whole
            path = part.whole if path == "id" else f"{path}__{part.whole}"
            whole = part._meta.get_field(part.whole).related_model
        return whole, self.model._base_manager.filter(pk__in=pks).values_list(path, flat=True)

    def move(self, pks: Iterable[Any], old: Any, new: Any, touched: Touched) -> None:
        """Makes these rows of the old record rows of the new one."""
        for some in chunks(pks):
            touched.add(*self.wholes(some))
            if self.source:
                self._move_links(some, old, new)
            else:
                self._move_rows(some, new)

    def _move_rows(self, pks: list[Any], new: Any) -> None:
        before = self._read(pks)
        self.model._base_manager.filter(pk__in=pks).update(**{self.key.name: new})
        record_changes((row, _with(row, **{self.key.name: new})) for row in before)

    def _move_links(self, pks: list[Any], old: Any, new: Any) -> None:
        links = list(self.model._base_manager.filter(pk__in=pks))
        self.model._base_manager.filter(pk__in=pks).update(**{self.key.name: new})
        if self.own:
            linked = list(self._far(links))
            record_links([(old, self.link.name, linked)], "delete")
            record_links([(new, self.link.name, linked)])
            return
        sources = self._sources(links)
        record_links(((source, self.link.name, [old]) for source in sources), "delete")
        record_links((source, self.link.name, [new]) for source in sources)

    def _far(self, links: list[Any]) -> Any:
        """What the record's own links lead to."""
        pks = [getattr(link, f"{self.link.m2m_reverse_field_name()}_id") for link in links]
        return self.link.related_model._base_manager.filter(pk__in=pks)

    def _sources(self, links: list[Any]) -> list[Any]:
        pks = [getattr(link, f"{self.link.m2m_field_name()}_id") for link in links]
        return list(self.source._base_manager.filter(pk__in=pks).select_related(*_named_by(self.source)))

    def _read(self, pks: list[Any]) -> list[Any]:
        return list(self.model._base_manager.filter(pk__in=pks).select_related(*_named_by(self.model)))

    def named(self, pks: Iterable[Any]) -> Any:
        """These rows with what `row_name` reads."""
        return self.model._base_manager.filter(pk__in=list(pks)).select_related(
            *self._name_path(), *_named_by(self.model)
        )

    def _name_path(self) -> list[str]:
        near = [self.link.m2m_reverse_field_name() if self.own else self.link.m2m_field_name()] if self.source else []
        part: Any = self.shown_model
        return ["__".join([*near, part.whole])] if issubclass(part, Part) and not self.own else near

    def row_name(self, row: Any) -> str:
        """What people know of a row: the record that it is content of, or the row itself."""
        for path in self._name_path():
            for name in path.split("__"):
                row = getattr(row, name)
        return numbered(row) if isinstance(row, Record) else str(row)

    # -- rows that cannot be moved, because the kept record has the same ---------------------------------------------

    def put_aside(self, doubles: dict[Any, Any], old: Any, touched: Touched) -> list[dict[str, Any]]:
        """Takes rows away that say what another row says of the kept record, and answers what brings them back: records
        are archived, links and parts of other records removed; what is the record's own stays with it."""
        if self.own or not doubles:
            return [{"row": {"id": pk}, "for": same} for pk, same in doubles.items()]
        rows = self._read(list(doubles))
        touched.add(*self.wholes(list(doubles)))
        if issubclass(self.model, Record):
            self._archive([row for row in rows if row.archived_at is None], doubles)
            return [{"row": {"id": row.pk}, "for": doubles[row.pk]} for row in rows if row.archived_at is None]
        if self.source:
            record_links(((source, self.link.name, [old]) for source in self._sources(rows)), "delete")
        self.model._base_manager.filter(pk__in=list(doubles)).delete()
        return [{"row": as_stored(row), "for": doubles[row.pk]} for row in rows]

    def _archive(self, rows: list[Any], doubles: dict[Any, Any]) -> None:
        now, user = timezone.now(), current_user()
        for row in rows:
            values = {"archived_at": now, "archived_by": user, "archive_reason": self._reason(doubles[row.pk])}
            self.model._base_manager.filter(pk=row.pk).update(**values)
            record_changes([(row, _with(row, **values))])

    def _reason(self, pk: Any) -> str:
        return f"→ {self.model(pk=pk).reference}"  # in no language, as everybody reads it in his own

    def bring_back(self, noted: list[dict[str, Any]], old: Any, touched: Touched) -> None:
        """What `put_aside` took away, as far as what it belongs to is still there."""
        if self.own:
            return
        if issubclass(self.model, Record):
            self._unarchive(noted, touched)
            return
        rows = [from_stored(self.model, one["row"]) for one in noted]
        present = [row for row in rows if _has_all_that_it_links_to(row)]
        for row in present:
            row.save_base(force_insert=True)  # the version of what it is part of is raised with all others
        pks = [row.pk for row in present]
        touched.add(*self.wholes(pks))
        if self.source:
            record_links((source, self.link.name, [old]) for source in self._sources(present))

    def _unarchive(self, noted: list[dict[str, Any]], touched: Touched) -> None:
        reasons = {one["row"]["id"]: self._reason(one["for"]) for one in noted}
        rows = [row for row in self._read(list(reasons)) if row.archive_reason == reasons[row.pk]]
        values = {"archived_at": None, "archived_by": None, "archive_reason": ""}
        self.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(**values)
        record_changes((row, _with(row, **values)) for row in rows)
        touched.add(self.model, [row.pk for row in rows])


def _with(row: Any, **values: Any) -> Any:
    changed = copy.copy(row)
    changed._state = copy.deepcopy(row._state)
    for name, value in values.items():
        setattr(changed, name, value)
    return changed


def _named_by(model: Any) -> list[str]:
    """The relations that a row of the model may be named by."""
    return [
        field_.name
        for field_ in model._meta.concrete_fields
        if field_.is_relation and issubclass(field_.related_model, Mergeable) and field_.name != "merged_into"
    ]


def _has_all_that_it_links_to(row: Any) -> bool:
    keys = [field_ for field_ in row._meta.concrete_fields if field_.is_relation and getattr(row, field_.attname)]
    return all(key.related_model._base_manager.filter(pk=getattr(row, key.attname)).exists() for key in keys)


def chunks(pks: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(pks)
    while some := list(islice(source, AT_ONCE)):
        yield some


# -- values in the log of a merge --------------------------------------------------------------------------------------


def stored_value(field_: Any, record: Any) -> Any:
    """A value as JSON holds it."""
    value = getattr(record, field_.attname)
    return value if value is None or isinstance(value, bool | int) else str(field_.value_to_string(record))


def as_stored(row: Any) -> dict[str, Any]:
    return {field_.attname: stored_value(field_, row) for field_ in row._meta.concrete_fields}


def from_stored(model: Any, values: dict[str, Any]) -> Any:
    fields = {field_.attname: field_ for field_ in model._meta.concrete_fields}
    return model(**{name: restored(fields[name], value) for name, value in values.items() if name in fields})


def restored(field_: Any, value: Any) -> Any:
    return None if value is None else (field_.target_field if field_.is_relation else field_).to_python(value)


# -- the relations of a model ------------------------------------------------------------------------------------------


@cache
def relations_of(model: Any) -> tuple[Relation, ...]:
    """Everything that points at records of the model. Raises UnknownRelation."""
    meta: Any = model._meta
    found = [rel for rel in meta.get_fields(include_hidden=True) if rel.auto_created and not rel.concrete]
    relations = [_relation(model, rel) for rel in found if not rel.many_to_many]
    known = {relation.model for relation in relations if relation.source}
    for link in [*meta.local_many_to_many, *(rel.field for rel in found if rel.many_to_many)]:
        if link.remote_field.through not in known and link.remote_field.through._meta.auto_created:
            raise UnknownRelation(f"{link}: it does not point at {meta.label} as others do")
    if meta.private_fields:
        raise UnknownRelation(f"{meta.label} has generic relations")
    for relation in relations:
        unique_sets(relation.model, relation.key)
    return tuple(sorted(relations, key=lambda relation: (not relation.own, relation.name)))


def _relation(model: Any, rel: Any) -> Relation:
    pointing, key = rel.related_model, rel.field
    if key.remote_field.field_name != model._meta.pk.name or getattr(rel, "parent_link", False):
        raise UnknownRelation(f"{pointing._meta.label}.{key.name}")
    if source := pointing._meta.auto_created:
        return _links(model, pointing, key, source)
    if issubclass(pointing, Part):
        return Relation(pointing, key, own=pointing.whole == key.name)
    if issubclass(pointing, Record):
        return Relation(pointing, key)
    raise UnknownRelation(f"{pointing._meta.label}.{key.name} is neither of a record nor of a part")


def _links(model: Any, through: Any, key: Any, source: Any) -> Relation:
    link = next(field_ for field_ in source._meta.local_many_to_many if field_.remote_field.through is through)
    if not issubclass(source, Record | Part) or link.related_model is source:
        raise UnknownRelation(f"{link}: links within one model, or of what is no record")
    return Relation(through, key, own=source is model, source=source, link=link)


@cache
def unique_sets(model: Any, key: Any) -> tuple[tuple[tuple[str, ...], Any], ...]:
    """The rules by which only one row may point at a record: (the other fields that tell rows apart, condition). Raises
    UnknownRelation for a rule that is stated in another way."""
    found: list[tuple[Any, Any]] = [(names, None) for names in model._meta.unique_together]
    if key.unique:
        found.append(((key.name,), None))
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            if constraint.expressions or constraint.nulls_distinct is False:
                raise UnknownRelation(f"{constraint.name}: its doubles cannot be found")
            found.append((constraint.fields, constraint.condition))
    return tuple(
        (tuple(name for name in names if name != key.name), condition)
        for names, condition in found
        if key.name in names
    )
