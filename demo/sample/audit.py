"""Entries of the change history as the creation of a record writes them (`core.audit`)."""

import json
from functools import lru_cache
from random import Random
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, ForeignKey, Model

from demo.sample.world import Rows, World

ADDRESS = "192.0.2."  # kept for documentation
_quoted = lru_cache(maxsize=60_000)(json.dumps)


def creations(world: World, rng: Random, model: type[Model], facts: dict[str, Any], points: list[float]) -> Rows:
    """One entry for each record, by its owner, at the point where it came into being."""
    ids, owners = facts["id"], facts["owner_id"]
    return Rows(
        LogEntry,
        {
            "id": world.ids.take(LogEntry, len(ids)),
            "content_type_id": ContentType.objects.get_for_model(model).pk,
            "object_pk": [str(pk) for pk in ids],
            "object_id": ids,
            "object_repr": facts["title"],
            "action": LogEntry.Action.CREATE,
            "changes": _changes(model, facts, len(ids)),
            "actor_id": owners,
            "cid": [f"{rng.getrandbits(128):032x}" for _id in ids],
            "remote_addr": [f"{ADDRESS}{owner % 254 + 1}" for owner in owners],
            "timestamp": [world.clock.moment(point) for point in points],
            "additional_data": [json.dumps({"actor_name": world.user_names[owner]}) for owner in owners],
        },
    )


def _changes(model: type[Model], facts: dict[str, Any], size: int) -> list[str]:
    """JSON text: every field with its value, from nothing."""
    skipped = auditlog.get_model_fields(model)["exclude_fields"]
    parts = []
    for field in model._meta.concrete_fields:
        if field.name not in skipped:
            value = facts.get(field.attname, True if field.name == "is_sample" else field.get_default())
            parts.append(_change(field, value if isinstance(value, list | range) else [value] * size))
    return ["{" + ", ".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)]


def _change(field: Any, values: Any) -> list[str]:
    """An empty relation or time is written as a change from nothing to nothing, another empty field not at all."""
    start = f'"{field.name}": ["None", '
    keeps_empty = isinstance(field, ForeignKey | DateTimeField)
    return ["" if value is None and not keeps_empty else f"{start}{_quoted(str(value))}]" for value in values]
