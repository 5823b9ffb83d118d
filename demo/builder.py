"""Makes records from rows of the data files. A row's keys are fields of the model, which says how to read them."""

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, DateTimeField, Model

from core.accounts import User
from core.records import Record
from core.request_context import acting
from crm.organizations import Organization
from crm.stations import LiaisonStation
from demo.calendar import OFFICE, Calendar
from demo.known import Known

START_OF_WORK = datetime.time(9, 30)
Row = dict[str, Any]


@dataclass(frozen=True)
class Builder:
    known: Known
    is_sample: bool

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.known.first_day)

    def create(self, model: type[Model], row: Row) -> Any:
        """The record of a row with its parts; None if an earlier run made it (it is the users' now, and left alone)."""
        key = row.pop("key")
        if self.known.has(model, key):
            return None
        with self.acting_for(row):
            record = self._registered_before(model, row) or self.fill(model(**self._marks(model)), row)
        self.known.add(key, record)
        return record

    def fill(self, record: Any, row: Row) -> Any:
        """Sets the fields of the row, checks and saves the record, then makes what hangs on it."""
        fields = {name: record._meta.get_field(name) for name in row}
        for name, value in self.values(type(record), row).items():
            setattr(record, name, value)
        record.full_clean()
        record.save()
        for name, field in fields.items():
            if field.many_to_many:
                getattr(record, name).set([self.known.get(field.related_model, key) for key in row[name]])
            elif field.one_to_many:
                for child in row[name]:
                    self._child(record, field, child)
        return record

    def values(self, model: type[Model], row: Row) -> dict[str, Any]:
        """The values of the row's plain fields and foreign keys."""
        zone = self.known.get(LiaisonStation, row["station"]).time_zone if "station" in row else OFFICE
        fields = {name: model._meta.get_field(name) for name in row}
        return {
            name: self._value(field, row[name], zone)
            for name, field in fields.items()
            if not field.many_to_many and not field.one_to_many
        }

    def _value(self, field: Any, value: Any, zone: str) -> Any:
        if field.is_relation:
            return self.known.get(field.related_model, value)
        if isinstance(field, DateTimeField) and isinstance(value, int):
            return self.calendar.moment(value, START_OF_WORK, zone)
        if isinstance(field, DateTimeField) and isinstance(value, dict):
            return self.calendar.moment(value["day"], value["time"], zone)
        if isinstance(field, DateField) and isinstance(value, int):
            return self.calendar.day(value)
        return value

    def _child(self, record: Any, relation: Any, row: Row) -> None:
        key = row.pop("key", "")
        model = relation.related_model
        marks = self._marks(model)
        if marks:
            marks["created_at"] = record.created_at
        child = self.fill(model(**{relation.field.name: record}, **marks), row)
        if key:
            self.known.add(key, child)

    def _marks(self, model: type[Model]) -> dict[str, Any]:
        return {"is_sample": self.is_sample} if issubclass(model, Record) else {}

    @contextlib.contextmanager
    def acting_for(self, row: Row) -> Iterator[None]:
        """What has an owner was done by the owner, otherwise by the first of the staff; the rest by the system."""
        name = row.get("owner") or next(iter(row.get("staff", ())), "")
        with acting(self.known.get(User, name)) if name else contextlib.nullcontext():
            yield

    @staticmethod
    def _registered_before(model: type[Model], row: Row) -> Any:
        """A company that users entered themselves is not entered a second time."""
        if model is not Organization or not row.get("corporate_number"):
            return None
        return Organization.objects.filter(corporate_number=row["corporate_number"]).first()
