"""The records that the demo has made, by the keys of its data files."""

import datetime
from typing import Any

from django.apps import apps
from django.db.models import Min, Model

from core.accounts import User
from core.reference import ReferenceItem
from demo.calendar import today_at_the_office
from demo.models import DemoRecord


class Known:
    """Finds what a data file names: a member of staff, an entry of a reference list, a record made before."""

    def __init__(self) -> None:
        self.first_day: datetime.date = (
            DemoRecord.objects.aggregate(first=Min("loaded_on"))["first"] or today_at_the_office()
        )
        self.added = 0
        self._pks = {(row.model, row.key): row.object_id for row in DemoRecord.objects.all()}
        self._records: dict[tuple[str, str], Model] = {}
        self._forget_deleted()

    def _forget_deleted(self) -> None:
        """Records are archived, not deleted; but if somebody did delete one, it is made again."""
        for label in {model for model, _key in self._pks}:
            left = set(apps.get_model(label)._base_manager.values_list("pk", flat=True))
            for (model, key), pk in list(self._pks.items()):
                if model == label and pk not in left:
                    del self._pks[model, key]
                    DemoRecord.objects.filter(model=model, key=key).delete()

    def has(self, model: type[Model], key: str) -> bool:
        return (model._meta.label, key) in self._pks

    def add(self, key: str, record: Model) -> None:
        name = (record._meta.label, key)
        DemoRecord.objects.create(model=name[0], key=key, object_id=record.pk, loaded_on=today_at_the_office())
        self._pks[name] = record.pk
        self._records[name] = record
        self.added += 1

    def get(self, model: type[Model], key: str) -> Any:
        """Raises LookupError with the key, so that a slip in a data file is found at once."""
        name = (model._meta.label, key)
        if name not in self._records:
            self._records[name] = self._fetch(model, key)
        return self._records[name]

    def _fetch(self, model: type[Model], key: str) -> Model:
        found: dict[str, Any]
        if issubclass(model, User):
            found = {"username": key}
        elif issubclass(model, ReferenceItem):
            found = {"code": key}
        else:
            found = {"pk": self._pks.get((model._meta.label, key))}
        record = model._base_manager.filter(**found).first()
        if record is None:
            raise LookupError(f"The data files name {model._meta.label} “{key}”, which does not exist.")
        return record
