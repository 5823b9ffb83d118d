"""One change to many records: all of them or none, each with the rules, version and history of a single change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError as ApiValidationError

from core.records import StaleRecord
from core.resources import Resource

MOST = 500  # a request must end in seconds
UNKNOWN = _("There is no record with the id %(pk)s that you can reach.")
TWICE = _("This record is in the list already.")
FORBIDDEN = _("You may not do this to this record.")
STALE = _("Somebody else changed this record. Read it again, then repeat.")


@dataclass(frozen=True)
class Wanted:
    """A record in the version that was read."""

    pk: int
    version: int


class BulkRefused(Exception):
    """Nothing was changed. `errors` says by position in the list what stands in the way; `stale` that it is only the
    versions."""

    def __init__(self, errors: Mapping[int, Any], *, stale: bool = False) -> None:
        self.errors, self.stale = errors, stale
        super().__init__(f"refused at {sorted(errors)}")


def change_many(
    resource: Resource, user: Any, action: str, wanted: Sequence[Wanted], change: Callable[[Any], object]
) -> list[Any]:
    """Runs `change` on every record as one transaction, and answers the records. Raises BulkRefused."""
    with transaction.atomic():
        records = _reach(resource, user, action, wanted)
        # In one order everywhere, so that two such changes never wait for each other.
        errors = _apply(sorted(enumerate(records), key=lambda item: item[1].pk), change)
        _refuse({n: _error(STALE, "stale") for n, e in errors.items() if isinstance(e, StaleRecord)}, stale=True)
        _refuse(errors)
        resource.refuse_outside([record.pk for record in records])
    return records


def _reach(resource: Resource, user: Any, action: str, wanted: Sequence[Wanted]) -> list[Any]:
    """The records in the order they were named; one out of sight is answered like one that does not exist."""
    pks = [item.pk for item in wanted]
    seen = set(resource.all(user, "view").filter(pk__in=pks).values_list("pk", flat=True))
    found = resource.all(user, action).in_bulk(pks)
    _refuse({n: _error(UNKNOWN, "does_not_exist", pk=pk) for n, pk in enumerate(pks) if pk not in seen})
    _refuse({n: _error(TWICE, "duplicate") for n, pk in enumerate(pks) if pk in pks[:n]})
    _refuse({n: _error(FORBIDDEN, "forbidden") for n, pk in enumerate(pks) if pk not in found})
    stale = [n for n, item in enumerate(wanted) if found[item.pk].version != item.version]
    _refuse({n: _error(STALE, "stale") for n in stale}, stale=True)
    return [found[pk] for pk in pks]


def _error(message: Any, code: str, **params: Any) -> ValidationError:
    return ValidationError(message, code, params)


def _refuse(errors: Mapping[int, Any], *, stale: bool = False) -> None:
    if errors:
        raise BulkRefused(errors, stale=stale)


def _apply(records: Iterable[tuple[int, Any]], change: Callable[[Any], object]) -> dict[int, Any]:
    """All mistakes at once, so that nobody has to send a list again to hear of the next one."""
    errors: dict[int, Any] = {}
    for index, record in records:
        try:
            change(record)
        except (ValidationError, ApiValidationError, StaleRecord) as error:
            errors[index] = error
    return errors
