"""Taking a merge back: as a whole, or not at all where later work stands in the way.

What the merge did is undone; what was done since stays: rows that came to the kept record since remain there, and rows
that were removed since remain removed.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import search_text
from core.audit import record_removals
from core.merge_moves import Relation, Touched, as_stored, chunks, relations_of, restored
from core.merges import Merge, numbered, with_merged
from core.merging import SHOWN, identifiers, is_empty, locked, may_merge, note_names, values_of
from core.records import StaleRecord, one_change
from core.request_context import current_user

UNDONE = _("This merge has been undone already.")
MERGED_ON = _("%(record)s was itself merged into %(other)s since. Undo that merge first.")
EDITED = _("“%(field)s” of %(record)s was changed since. Set it back to “%(value)s” first.")
CLEARED = _("“%(field)s” of %(record)s was changed since. Empty it first.")
TAKEN = _("%(other)s has the same “%(field)s” as %(record)s now. Change it there first.")
WENT_ELSEWHERE = _("%(row)s (%(relation)s) was assigned to another record since. Assign it to %(record)s first.")
UNSEEN_ELSEWHERE = _("A record that you cannot see (%(relation)s) was assigned to another one since.")
CAME_AGAIN = _("%(row)s (%(relation)s) cannot go back: %(record)s has the same already.")
LATER_MERGE = _("The later merge of %(record)s builds on this one. Undo that first.")
IN_THE_WAY = _("Something that was done since stands in the way. Nothing was undone.")


def unmerge(user: Any, merge: Merge, *, version: int | None = None) -> Any:
    """Takes the merge back and answers the other record; `version` is that of the kept record as it was read.

    Raises ValidationError (a list of messages) naming all that stands in the way, StaleRecord, PermissionDenied.
    """
    try:
        with transaction.atomic(), one_change():
            return _Undoing(user, merge, version).run()
    except IntegrityError:
        raise ValidationError(IN_THE_WAY, "in_the_way") from None


def obstacles(user: Any, merge: Merge) -> list[ValidationError]:
    """What stands in the way of undoing it now."""
    with transaction.atomic():
        return _Undoing(user, merge, None).obstacles()


class _Undoing:
    def __init__(self, user: Any, merge: Merge, version: int | None) -> None:
        self.user, self.model = user, merge.model
        self.kept, self.other = locked(self.model, merge.kept, merge.merged)
        self.merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if not may_merge(user, self.kept, self.other):
            raise PermissionDenied
        if version is not None and version != self.kept.version:
            raise StaleRecord(self.kept)
        self.touched = Touched()
        self.relations = {relation.name: relation for relation in relations_of(self.model)}

    def run(self) -> Any:
        if found := self.obstacles():
            raise ValidationError(found)
        with search_text.dependents_later():
            self._restore_kept()
            self._restore_other()
            self._take_back_rows()
        for record in (self.kept, self.other):  # e.g. no circle of parents
            record.clean()
        self.merge.undone_at, self.merge.undone_by = timezone.now(), current_user()
        self.merge.save()
        self._renew_names()
        self.touched.without(self.kept, self.other)
        self.touched.raise_versions()
        search_text.renew(self.model, (self.kept.pk, self.other.pk), every=True)
        return self.other

    def _take_back_rows(self) -> None:
        for name, pks in self.merge.moved.items():
            self._move_back(self.relations[name], pks)
        for name, noted in self.merge.doubles.items():
            self.relations[name].bring_back(noted, self.other, self.touched)

    # -- what stands in the way --------------------------------------------------------------------------------------

    def obstacles(self) -> list[ValidationError]:
        if self.merge.undone_at is not None:
            return [ValidationError(UNDONE, "undone")]
        if self.kept.is_merged:
            params = {"record": numbered(self.kept), "other": numbered(self.kept.merged_into)}
            return [ValidationError(MERGED_ON, "merged", params)]
        return [*self._edited(), *self._taken(), *self._elsewhere(), *self._came_again(), *self._later()]

    def _edited(self) -> list[ValidationError]:
        now, after = values_of(self.kept), self.merge.kept_after
        fields = [field for field in self.model._meta.concrete_fields if field.attname in after]
        return [
            self._edit(field, after[field.attname]) for field in fields if now[field.attname] != after[field.attname]
        ]

    def _edit(self, field: Any, value: Any) -> ValidationError:
        shown = restored(field, value)
        if field.is_relation and shown is not None:
            shown = with_merged(field.related_model).filter(pk=shown).first()
        elif field.choices:
            shown = dict(field.flatchoices).get(shown, shown)
        params = {"field": field.verbose_name, "record": numbered(self.kept), "value": shown}
        return ValidationError(CLEARED if is_empty(shown) else EDITED, "edited", params)

    def _taken(self) -> list[ValidationError]:
        """Somebody else has by now what only one record may have."""
        found = []
        for field in identifiers(self.model):
            value = self.merge.merged_before.get(field.attname)
            others = self.model._base_manager.filter(**{field.attname: value}).exclude(
                pk__in=(self.kept.pk, self.other.pk)
            )
            if not is_empty(value) and (taker := others.first()) is not None:
                params = {"field": field.verbose_name, "record": numbered(self.other), "other": numbered(taker)}
                found.append(ValidationError(TAKEN, "taken", params))
        return found

    def _elsewhere(self) -> list[ValidationError]:
        found: list[ValidationError] = []
        for name, pks in self.merge.moved.items():
            relation = self.relations[name]
            for some in chunks(pks):
                rows = relation.model._base_manager.filter(pk__in=some)
                gone = rows.exclude(**{relation.key.attname: self.kept.pk})
                found += self._told(relation, gone, WENT_ELSEWHERE, "elsewhere")
        return found[:SHOWN]

    def _came_again(self) -> list[ValidationError]:
        """A row was edited until it says what another row of the merged record says."""
        found: list[ValidationError] = []
        for name, pks in self.merge.moved.items():
            relation = self.relations[name]
            for some in chunks(pks):
                rows = relation.rows(self.kept.pk).filter(pk__in=some)
                same = relation.doubles(self.kept.pk, self.other.pk, rows)
                again = relation.model._base_manager.filter(pk__in=list(same))
                found += self._told(relation, again, CAME_AGAIN, "again", self.other)
        return found[:SHOWN]

    def _told(
        self, relation: Relation, rows: Any, message: Any, code: str, record: Any = None
    ) -> list[ValidationError]:
        """The rows by name, as far as the user reaches them."""
        shown = list(relation.named(rows.values_list("pk", flat=True)[:SHOWN]))
        if not shown:
            return []
        pks = [row.pk for row in shown]
        reached = set(relation.reached_among(self.user, pks))
        params = {"relation": relation.label, "record": numbered(record or self.kept)}
        seen = [
            ValidationError(message, code, {**params, "row": relation.row_name(row)})
            for row in shown
            if row.pk in reached
        ]
        return seen if len(seen) == len(shown) else [*seen, ValidationError(UNSEEN_ELSEWHERE, code, params)]

    def _later(self) -> list[ValidationError]:
        """A later merge put a row aside because this one had brought the same."""
        found = []
        for later in self.merge.later():
            for name, noted in later.doubles.items():
                if {one["for"] for one in noted} & set(self.merge.moved.get(name, ())):
                    merged = self.model._base_manager.get(pk=later.merged)
                    found.append(ValidationError(LATER_MERGE, "later", {"record": numbered(merged)}))
                    break
        return found

    # -- doing it ------------------------------------------------------------------------------------------------------

    def _move_back(self, relation: Relation, pks: list[Any]) -> None:
        for some in chunks(pks):  # those that were removed since are not found any more
            there = relation.rows(self.kept.pk).filter(pk__in=some).order_by("pk")
            relation.move(list(there.values_list("pk", flat=True)), self.kept, self.other, self.touched)

    def _renew_names(self) -> None:
        """The names that this merge noted go, unless somebody changed them since; what others need of them stays."""
        for noted in self.merge.added:
            parts = apps.get_model(noted["model"])._base_manager.filter(pk=noted["row"]["id"])
            same = [part.pk for part in parts if as_stored(part) == noted["row"]]
            record_removals(parts.filter(pk__in=same))
            parts.filter(pk__in=same)._raw_delete(parts.db)
        for merge in Merge.into(self.kept).filter(undone_at__isnull=True):
            if more := note_names(self.kept, self.model._base_manager.filter(pk=merge.merged)):
                merge.added += more
                merge.save()

    def _restore_kept(self) -> None:
        before = self.merge.kept_before
        fields = [field for field in self.model._meta.concrete_fields if field.attname in before]
        for field in fields:
            setattr(self.kept, field.attname, restored(field, before[field.attname]))
        self.kept.save()

    def _restore_other(self) -> None:
        before = self.merge.merged_before
        for field in self.model._meta.concrete_fields:
            if field.attname in before:
                setattr(self.other, field.attname, restored(field, before[field.attname]))
        self.other.merged_into = None
        self.other.save()
