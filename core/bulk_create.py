"""Many new records at once, each as right as if it had been saved alone: stamped, audited, with the first row of its
history, its parts and its links. Checking them is the caller's part, as with `save`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core import search_text
from core.audit import record_creations, record_links
from core.bulk_insert import bulk_insert
from core.merges import refuse_merged_in
from core.records import Part

ROWS_AT_ONCE = 1000


@dataclass
class New:
    """A record that is not stored yet, the parts of it (their `whole` is set here), and its links by field."""

    record: Any
    parts: Sequence[Part] = ()
    links: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@transaction.atomic
def create_many(news: Sequence[New]) -> None:
    """Stores new records of one model. Raises IntegrityError where a rule of the database is broken; all or nothing."""
    for start in range(0, len(news), ROWS_AT_ONCE):
        _create(news[start : start + ROWS_AT_ONCE])


def _create(news: Sequence[New]) -> None:
    records = [new.record for new in news]
    if not records:
        return
    for new in news:
        new.record._stamp()
    bulk_insert(records)
    refuse_merged_in(records)
    record_creations(records)
    _start_flows(records)
    _create_parts(news)
    _create_links(news)
    # A record may be found by its parts and links, e.g. by the other names of an organization.
    search_text.renew(type(records[0]), [new.record.pk for new in news if new.parts or any(new.links.values())])


def _start_flows(records: Sequence[Any]) -> None:
    """The first row of each history, as `Flow.start` writes it."""
    for flow in getattr(records[0], "flows", ()):
        changes = [flow.first_row(record) for record in records]
        bulk_insert(changes)
        record_creations(changes)
    for record in records:
        if hasattr(record, "_remember"):
            record._remember()


def _create_parts(news: Iterable[New]) -> None:
    by_model: dict[Any, list[Part]] = {}
    for new in news:
        for part in new.parts:
            setattr(part, part.whole, new.record)
            by_model.setdefault(type(part), []).append(part)
    for parts in by_model.values():
        for part in parts:
            _renew_relations(part)
        bulk_insert(parts)
        refuse_merged_in(parts)
        record_creations(parts)


def _renew_relations(part: Any) -> None:
    """A related record that was stored after it had been assigned has got its key meanwhile."""
    for field_ in part._meta.concrete_fields:
        if field_.is_relation and field_.is_cached(part) and getattr(part, field_.attname) is None:
            setattr(part, field_.name, getattr(part, field_.name))


def _create_links(news: Iterable[New]) -> None:
    by_name: dict[str, list[tuple[Any, Sequence[Any]]]] = {}
    for new in news:
        for name, linked in new.links.items():
            if linked:
                by_name.setdefault(name, []).append((new.record, linked))
    for name, pairs in by_name.items():
        relation = pairs[0][0]._meta.get_field(name)
        through, near, far = relation.remote_field.through, relation.m2m_field_name(), relation.m2m_reverse_field_name()
        rows = [through(**{f"{near}_id": record.pk, f"{far}_id": one.pk}) for record, linked in pairs for one in linked]
        bulk_insert(rows)
        refuse_merged_in(rows)
        record_links((record, name, linked) for record, linked in pairs)
