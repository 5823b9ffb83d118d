"""Stages and statuses that move by rule, each move a row of history (never text, never a plain assignment)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.records import Checked, Record
from core.request_context import current_user


@dataclass(frozen=True)
class Flow:
    """How one field of a record may move.

    `moves` maps each value to those that may follow; `by_rule` values are reached only through another use case
    (converting a lead), which calls `move(..., rule=True)`. A move to `reasoned`, or to one that comes earlier in
    the order of the choices, must say why.
    """

    field: str
    changes: str  # related name of the history rows
    moves: dict[str, tuple[str, ...]]
    by_rule: frozenset[str] = frozenset()
    reasoned: frozenset[str] = frozenset()
    by_rule_message: Any = ""
    # Further fields of the history row that a move to a value asks for, and what it says where one that it cannot do
    # without is missing.
    asks: Mapping[str, tuple[str, ...]] = attribute(default_factory=dict)
    requires: Mapping[str, Mapping[str, Any]] = attribute(default_factory=dict)
    sequence: bool = True  # the choices follow each other; a status is no sequence, so nothing in it is "before"

    def choices(self, record: Any) -> list[str]:
        return [value for value, _label in record._meta.get_field(self.field).choices]

    def targets(self, record: Any) -> list[str]:
        """The values a person may move the record to now."""
        return [value for value in self.moves.get(getattr(record, self.field), ()) if value not in self.by_rule]

    def needs_reason(self, record: Any, to: str) -> bool:
        return to in self.reasoned or (self.sequence and self.is_before(record, to))

    def is_before(self, record: Any, value: str) -> bool:
        order = self.choices(record)
        return order.index(value) < order.index(getattr(record, self.field))

    def check(self, record: Any, to: str, reason: str, *, rule: bool) -> None:
        """Raises ValidationError by field (`to`, `reason`)."""
        if to not in self.choices(record):
            raise ValidationError(
                {"to": ValidationError(_("“%(to)s” is not one of the choices."), "invalid", {"to": to})}
            )
        if to in self.by_rule and not rule and to != getattr(record, self.field):
            raise ValidationError({"to": ValidationError(self.by_rule_message, "by_rule")})
        if to not in self.moves.get(getattr(record, self.field), ()):
            labels = dict(record._meta.get_field(self.field).choices)
            params = {"from": labels[getattr(record, self.field)], "to": labels[to]}
            message = _("This cannot move from “%(from)s” to “%(to)s”.")
            raise ValidationError({"to": ValidationError(message, "not_allowed", params)})
        if self.needs_reason(record, to) and not reason.strip():
            raise ValidationError(
                {"reason": ValidationError(_("Say why, so that others understand this step."), "required")}
            )

    def move(self, record: Any, to: str, *, reason: str = "", rule: bool = False, **details: Any) -> Any:
        """Moves the record and writes the row, in one transaction; `details` are further fields of that row.

        Raises ValidationError by field when the rules forbid it, StaleRecord when somebody else was quicker.
        """
        if record.is_archived:
            raise ValidationError(_("This record is archived. Restore it first."), code="archived")
        self.check(record, to, reason, rule=rule)
        with transaction.atomic():
            before, version = getattr(record, self.field), record.version
            row = self._row(record, before, to, reason.strip(), **details)
            row.full_clean(exclude=["record"])
            setattr(record, self.field, to)
            record._flow_values[self.field] = to
            try:
                record.save()
                row.save()
            except BaseException:
                setattr(record, self.field, before)
                record._flow_values[self.field], record.version = before, version
                raise
        return row

    def start(self, record: Any) -> None:
        """The first row: the record came into being with this value."""
        self.first_row(record).save()

    def first_row(self, record: Any) -> Any:
        return self._row(record, "", getattr(record, self.field), "", changed_at=record.created_at)

    def _row(self, record: Any, before: str, after: str, reason: str, **details: Any) -> Any:
        model = record._meta.get_field(self.changes).related_model
        return model(
            record=record, from_value=before, to_value=after, reason=reason, changed_by=current_user(), **details
        )


class Staged(Record):
    """A record with flows. Assigning such a field and saving is refused: only `Flow.move` changes it."""

    flows: ClassVar[tuple[Flow, ...]] = ()

    class Meta(Record.Meta):
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **options: Any) -> Any:
        record = super().from_db(db, field_names, values, **options)
        record._remember()
        return record

    def _remember(self, fields: Iterable[str] | None = None) -> None:
        """Notes what the database holds in the fields just read (all, if None)."""
        known = self.__dict__.get("_flow_values", {})
        names = [flow.field for flow in self.flows if fields is None or flow.field in fields]
        self._flow_values = {**known, **{name: self.__dict__[name] for name in names if name in self.__dict__}}

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        if fields is None or {flow.field for flow in self.flows}.intersection(fields):
            self._remember(fields)

    def save(self, *args: Any, **kwargs: Any) -> None:
        adding = self._state.adding
        if not adding:
            self._refuse_silent_moves()
        with transaction.atomic():
            super().save(*args, **kwargs)
            if adding:
                self._remember()
                for flow in self.flows:
                    flow.start(self)

    def _refuse_silent_moves(self) -> None:
        for flow in self.flows:
            # A value that was never read (deferred) and yet is there was assigned.
            if flow.field in self.__dict__ and self._flow_values.get(flow.field) != self.__dict__[flow.field]:
                raise RuntimeError(
                    f"{self._meta.label}.{flow.field} changes only through Flow.move, which keeps its history"
                )

    def label_of(self, flow: Flow) -> str:
        field: Any = self._meta.get_field(flow.field)
        return str(dict(field.choices)[getattr(self, flow.field)])

    def flow(self, field: str) -> Flow:
        return next(flow for flow in self.flows if flow.field == field)


class Change(Checked):
    """One row of history. Subclasses add `record = ForeignKey(<the record>, CASCADE, related_name=...)`."""

    from_value = models.CharField(pgettext_lazy("stage or status", "from"), max_length=30, blank=True)
    to_value = models.CharField(pgettext_lazy("stage or status", "to"), max_length=30)
    reason = models.TextField(_("reason"), blank=True)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, db_index=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("changed by"), related_name="+", null=True, blank=True
    )

    whole = "record"
    flow_field = ""

    class Meta:
        abstract = True
        ordering = ("changed_at", "pk")
        default_permissions = ()

    @classmethod
    def details(cls) -> list[str]:
        """The fields of a row beyond those that every history has; a move may bring them along."""
        common = {"id", "record", *(field.name for field in Change._meta.get_fields())}
        return [field.name for field in cls._meta.fields if field.name not in common]

    @classmethod
    def flow(cls) -> Flow:
        """The flow whose moves these rows are."""
        record: Any = cls._meta.get_field("record").related_model
        flow: Flow = next(flow for flow in record.flows if flow.field == cls.flow_field)
        return flow

    def clean(self) -> None:
        """Asks for what the flow requires of a move to this value."""
        super().clean()
        required = self.flow().requires.get(self.to_value, {})
        missing = {
            name: ValidationError(message, code="required")
            for name, message in required.items()
            if getattr(self, self._meta.get_field(name).attname) in (None, "")  # type: ignore[union-attr]
        }
        if missing:
            raise ValidationError(missing)

    def _label(self, value: str) -> str:
        record: Any = self._meta.get_field("record").related_model
        return str(dict(record._meta.get_field(self.flow_field).choices).get(value, value))

    @property
    def from_label(self) -> str:
        return self._label(self.from_value) if self.from_value else ""

    @property
    def to_label(self) -> str:
        return self._label(self.to_value)

    def __str__(self) -> str:
        return f"{self.from_label} → {self.to_label}" if self.from_value else self.to_label
