"""Making one record of two that mean the same: what would happen (`Preview`), and doing it (`merge`).

One record stays. For each field one of both values wins; whatever points at the other one points at the one that stays;
the other is kept as `merged_into`, out of every list, and its address leads on. `core.unmerging` takes it back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import access, search_text
from core.merge_moves import Relation, Touched, as_stored, relations_of, stored_value
from core.merges import Merge, Mergeable, numbered, with_merged
from core.records import Part, StaleRecord, one_change
from core.request_context import current_user

KEPT, OTHER = "kept", "other"
SHOWN = 10  # of rows that are told one by one
ITSELF = _("Choose another record: this is the same one.")
TWO = _(
    "These are two different ones: each has its own value for “%(field)s” (%(kept)s and %(other)s). If one of them is "
    "wrong, correct it first, then merge."
)
ARCHIVED = _("%(record)s is archived. Restore it first, or keep the other one.")
UNKNOWN_FIELD = _("There is no such field to choose.")
UNKNOWN_SIDE = _("Choose “kept” or “other”.")

# Parts that note, with the record that stays, the names that would be lost otherwise: not stored yet.
OtherNames = Callable[[Any, Iterable[Any]], Iterable[Part]]
_other_names: dict[Any, OtherNames | None] = {}


def register(model: type[Mergeable], other_names: OtherNames | None = None) -> None:
    """Declares that records of the model can be merged. `other_names(kept, before)` answers parts that note names of
    the records in `before` (both, as they were) that the kept one does not go by."""
    if access.is_restricted(model):
        raise ValueError(f"{model._meta.label}: only what all staff share can be merged")
    _other_names[model] = other_names


def models() -> list[Any]:
    return list(_other_names)


def is_registered(model: Any) -> bool:
    return model in _other_names


def may_merge(user: Any, *records: Any) -> bool:
    """Whoever merges changes one record and takes the other out of the lists, or, undoing it, the other way round. What
    is related to them moves with them, whoever may see it."""
    return all(
        access.may(user, action, type(record)) and _reached(user, record, action)
        for record in records
        for action in ("change", "archive")
    )


def _reached(user: Any, record: Any, action: str) -> bool:
    return bool(access.scoped(user, with_merged(type(record)), action).filter(pk=record.pk).exists())


@dataclass(frozen=True)
class Choice:
    """A field: what both have, and who wins unless somebody says otherwise."""

    field: Any
    kept: Any
    other: Any

    @property
    def is_same(self) -> bool:
        return bool(self.kept == self.other)

    @property
    def default(self) -> str:
        return OTHER if is_empty(self.kept) and not is_empty(self.other) else KEPT


def is_empty(value: Any) -> bool:
    return value is None or str(value) == ""


def identifiers(model: Any) -> list[Any]:
    """The fields of which no two records may have the same value: whoever has another one is somebody else."""
    names = [constraint.fields for constraint in model._meta.constraints if hasattr(constraint, "fields")]
    single = {some[0] for some in names if len(some) == 1}
    return [field for field in chosen_fields(model) if field.unique or field.name in single]


def chosen_fields(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]


class Preview:
    """What merging `other` into `kept` would do, for this reader."""

    def __init__(self, user: Any, kept: Any, other: Any) -> None:
        self.user, self.kept, self.other = user, kept, other
        self.model: Any = type(kept)

    @cached_property
    def choices(self) -> list[Choice]:
        return [Choice(field, self._value(self.kept, field), self._value(self.other, field)) for field in self._fields]

    @property
    def _fields(self) -> list[Any]:
        return chosen_fields(self.model)

    def _value(self, record: Any, field: Any) -> Any:
        """A relation between the two is none of the one that they become."""
        value = getattr(record, field.attname)
        both = (self.kept.pk, self.other.pk)
        return None if field.is_relation and issubclass(field.related_model, self.model) and value in both else value

    def obstacles(self) -> list[ValidationError]:
        """Why these two cannot be merged."""
        if self.kept.pk == self.other.pk:
            return [ValidationError(ITSELF, "itself")]
        found = [self._two(choice) for choice in self._identifying() if self._are_two(choice)]
        if self.kept.is_archived:
            found.append(ValidationError(ARCHIVED, "archived", {"record": numbered(self.kept)}))
        return found

    def _identifying(self) -> list[Choice]:
        names = {field.name for field in identifiers(self.model)}
        return [choice for choice in self.choices if choice.field.name in names]

    def _are_two(self, choice: Choice) -> bool:
        return not (choice.is_same or is_empty(choice.kept) or is_empty(choice.other))

    def _two(self, choice: Choice) -> ValidationError:
        params = {"field": choice.field.verbose_name, "kept": choice.kept, "other": choice.other}
        return ValidationError(TWO, "different", params)

    def moves(self) -> list["Move"]:
        """What would move, as far as the reader reaches it: a count that told of other records would tell too much."""
        found = (Move.of(relation, self) for relation in relations_of(self.model) if relation.is_shown)
        return [move for move in found if move.count or move.doubles]

    @property
    def may_hide_some(self) -> bool:
        """Whether records may move that the reader does not see. Whether there are any is not told."""
        restricted = (access.is_restricted(relation.shown_model) for relation in relations_of(self.model))
        return any(restricted) and not access.sees_all(self.user)


@dataclass(frozen=True)
class Move:
    """Rows of a relation that would move, and those that would not because the kept record has the same."""

    relation: Relation
    count: int
    doubles: list[Any]

    @classmethod
    def of(cls, relation: Relation, preview: Preview) -> "Move":
        reached = relation.reached(preview.user, preview.other.pk).exclude(**_of_itself(relation, preview.kept))
        count = reached.count()
        same = relation.doubles(preview.other.pk, preview.kept.pk, reached) if count else {}
        return cls(relation, count - len(same), list(relation.named(same)[:SHOWN]) if same else [])


def _of_itself(relation: Relation, kept: Any) -> dict[str, Any]:
    """The kept record's own link to the other one, which its field decides (`Preview._value`)."""
    return {"pk": kept.pk} if relation.model is type(kept) else {"pk": None}


# -- doing it ----------------------------------------------------------------------------------------------------------


def merge(
    user: Any,
    model: Any,
    kept: int,
    other: int,
    *,
    winners: Mapping[str, str] | None = None,
    versions: Mapping[int, int] | None = None,
) -> Merge:
    """Makes one record of two; `winners` says by field who wins (`kept`, `other`), `versions` which versions were read.

    Raises ValidationError where a rule stands in the way, StaleRecord if one was changed since, PermissionDenied
    without the rights, LookupError if one of them is not there (any more).
    """
    with transaction.atomic(), one_change():
        first, second = locked(model, kept, other)
        if not may_merge(user, first, second):
            raise PermissionDenied
        for record in (first, second):
            if record.is_merged:
                raise LookupError(record.pk)
            if versions and versions.get(record.pk, record.version) != record.version:
                raise StaleRecord(record)
        preview = Preview(user, first, second)
        if found := preview.obstacles():
            raise ValidationError(found)
        return _Merging(preview, _checked(preview, winners or {})).run()


def locked(model: Any, *pks: int) -> list[Any]:
    """The records in the order asked for, locked in the order of their keys. Raises LookupError."""
    rows = model._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    found = {record.pk: record for record in rows}
    if missing := [pk for pk in pks if pk not in found]:
        raise LookupError(missing[0])
    return [found[pk] for pk in pks]


def _checked(preview: Preview, winners: Mapping[str, str]) -> dict[str, str]:
    """Who wins each field. Raises ValidationError for a field or a side that there is not."""
    chosen = {choice.field.name: choice.default for choice in preview.choices}
    for name, side in winners.items():
        if name not in chosen:
            raise ValidationError({"winners": ValidationError(f"{name}: {UNKNOWN_FIELD}", "unknown")})
        if side not in (KEPT, OTHER):
            raise ValidationError({"winners": ValidationError(f"{name}: {UNKNOWN_SIDE}", "invalid_choice")})
    return chosen | dict(winners)


class _Merging:
    def __init__(self, preview: Preview, winners: Mapping[str, str]) -> None:
        self.preview, self.winners = preview, winners
        self.kept, self.other, self.model = preview.kept, preview.other, preview.model
        self.touched = Touched()
        self.as_they_were = [_copy(self.kept), _copy(self.other)]
        self.log = Merge(
            kind=ContentType.objects.get_for_model(self.model),
            kept=self.kept.pk,
            merged=self.other.pk,
            created_by=current_user(),
        )

    def run(self) -> Merge:
        with search_text.dependents_later():
            for relation in relations_of(self.model):
                self._move(relation)
            self._store_other()
            self._store_kept()
        self.log.added = note_names(self.kept, self.as_they_were)
        self.touched.without(self.kept, self.other)
        self.touched.raise_versions()
        search_text.renew(self.model, (self.kept.pk, self.other.pk), every=True)
        self.log.save()
        return self.log

    def _move(self, relation: Relation) -> None:
        rows = relation.rows(self.other.pk).exclude(**_of_itself(relation, self.kept))
        doubles = relation.doubles(self.other.pk, self.kept.pk, rows)
        pks = list(rows.exclude(pk__in=list(doubles)).order_by("pk").values_list("pk", flat=True))
        if aside := relation.put_aside(doubles, self.other, self.touched):
            self.log.doubles[relation.name] = aside
        if pks:
            relation.move(pks, self.other, self.kept, self.touched)
            self.log.moved[relation.name] = pks

    def _store_other(self) -> None:
        """It gives up what only one record may have, so that the kept one can have it."""
        given_up = [field for field in identifiers(self.model) if not is_empty(getattr(self.other, field.attname))]
        archived = [self.model._meta.get_field(name) for name in ("archived_at", "archived_by", "archive_reason")]
        self.log.merged_before = {field.attname: stored_value(field, self.other) for field in (*given_up, *archived)}
        for field in given_up:
            setattr(self.other, field.attname, None if field.null else "")
        if not self.other.is_archived:
            self.other.archived_at, self.other.archived_by = timezone.now(), current_user()
            self.other.archive_reason = f"→ {self.kept.reference}"  # in no language, as all read it
        self.other.merged_into = self.kept
        self.other.save()

    def _store_kept(self) -> None:
        before = values_of(self.kept)
        for choice in self.preview.choices:
            wanted = choice.other if self.winners[choice.field.name] == OTHER else choice.kept
            setattr(self.kept, choice.field.attname, wanted)
        after = values_of(self.kept)
        changed = {name for name, value in after.items() if value != before[name]}
        same = [field.name for field in self.kept._meta.concrete_fields if field.attname not in changed]
        self.kept.full_clean(exclude=same)
        self.kept.save()
        # Saving may fill in more than was chosen, such as a name in another language.
        after = values_of(self.kept)
        self.log.kept_before = {name: value for name, value in before.items() if value != after[name]}
        self.log.kept_after = {name: after[name] for name in self.log.kept_before}


def note_names(kept: Any, others: Iterable[Any]) -> list[dict[str, Any]]:
    """Notes the names of the others that the kept record does not go by yet, and answers what a log holds of them."""
    names = _other_names[type(kept)]
    parts = list(names(kept, others)) if names is not None else []
    for part in parts:
        part.full_clean()
        part.save_base(force_insert=True)  # the version is raised with the record's own
    return [{"model": part._meta.label, "row": as_stored(part)} for part in parts]


def _copy(record: Any) -> Any:
    return type(record)(**{f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields})


def values_of(record: Any) -> dict[str, Any]:
    """The values that merging decides, as its log holds them."""
    return {field.attname: stored_value(field, record) for field in chosen_fields(type(record))}
