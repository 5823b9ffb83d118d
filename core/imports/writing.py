"""Storing the rows of an import, batch by batch, and noting what it added and updated."""

import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType

from core.bulk_create import New, create_many
from core.bulk_insert import bulk_insert, insert_rows
from core.imports.drafts import Draft
from core.imports.models import Import, ImportedRecord
from core.imports.planning import Plan

Effect = ImportedRecord.Effect


class Writer:
    """Writes drafts that were found good. Runs inside the import's transaction."""

    def __init__(self, import_: Import, plan: Plan, kind: ContentType) -> None:
        self.import_, self.plan, self.kind = import_, plan, kind
        self.total = self.added = self.updated = self.skipped = 0

    def counts(self) -> dict[str, int]:
        return {
            "rows_total": self.total,
            "rows_added": self.added,
            "rows_updated": self.updated,
            "rows_skipped": self.skipped,
        }

    def write(self, drafts: list[Draft]) -> None:
        bulk_insert(self._add_missing())
        added = [draft for draft in drafts if draft.effect == "add"]
        create_many([New(draft.record, draft.new_parts, draft.links) for draft in added])
        self.plan.created.update(draft.record.pk for draft in added)
        self._note_added(added)
        changed = [draft for draft in drafts if draft.effect == "update"]
        bulk_insert([self._update(draft) for draft in changed])
        self.total += len(drafts)
        self.added += len(added)
        self.updated += len(changed)
        self.skipped += len(drafts) - len(added) - len(changed)

    def _note_added(self, drafts: list[Draft]) -> None:
        insert_rows(
            ImportedRecord,
            len(drafts),
            {"origin_id": self.import_.pk, "content_type_id": self.kind.pk, "effect": Effect.CREATED.value},
            row=[draft.number for draft in drafts],
            object_id=[draft.record.pk for draft in drafts],
            version=[draft.record.version for draft in drafts],
        )

    def _add_missing(self) -> list[ImportedRecord]:
        """Records that rows name and that come into being with them."""
        made = [record for record in self.plan.session.missing.values() if record.pk is None]
        create_many([New(record) for record in made])
        return [self._noted(0, ContentType.objects.get_for_model(record), record) for record in made]

    def _noted(self, row: int, kind: ContentType, record: Any, effect: str = Effect.CREATED, **more: Any) -> Any:
        return ImportedRecord(
            origin=self.import_, row=row, content_type=kind, object_id=record.pk, effect=effect,
            version=record.version, **more,
        )  # fmt: skip

    def _update(self, draft: Draft) -> ImportedRecord:
        record = draft.record
        before = {name: as_json(value) for name, value in draft.identity["before"].items()}
        if before:
            record.save()
        for name, linked in draft.links.items():
            getattr(record, name).add(*linked)
        for part in draft.new_parts:
            setattr(part, part.whole, record)
            for relation in (f for f in part._meta.concrete_fields if f.is_relation and f.is_cached(part)):
                setattr(part, relation.name, getattr(part, relation.name))  # it may have got its key meanwhile
            part.save()
        undo = {
            "fields": before,
            "links": {name: [one.pk for one in linked] for name, linked in draft.links.items()},
            "parts": [[part._meta.label, part.pk] for part in draft.new_parts],
        }
        return self._noted(draft.number, self.kind, record, Effect.UPDATED, before=undo)


def as_json(value: Any) -> Any:
    """A value that its field's `to_python` reads back."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)
