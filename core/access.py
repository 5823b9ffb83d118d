"""Who may see and do what. Every model registers one scope; a model without one is visible to nobody.

Two questions, two functions: `may` asks whether a person has the right at all (Django permissions through groups),
`scoped` which records it reaches. Lists, forms, choices, search, exports, the API and files all ask here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

Scope = Callable[[Any, QuerySet[Any], str], QuerySet[Any]]

# Actions and the Django permission behind each. Records are archived, never deleted, so archiving is "delete".
PERMISSIONS = {
    "view": "view",
    "add": "add",
    "change": "change",
    "archive": "delete",
    "restore": "delete",
    "export": "export",
}


@dataclass(frozen=True)
class Rule:
    """`restricted` records are not seen by all staff, so a relation to one must be checked record by record. `history`
    is the action that one must have to read who changed the records."""

    scope: Scope
    restricted: bool
    history: str = "view"


_rules: dict[type[Model], Rule] = {}
_parts: dict[type[Model], str] = {}
_lifting: set[str] = set()


def everyone(user: Any, queryset: QuerySet[Any], action: str) -> QuerySet[Any]:
    """Scope of records that all staff share."""
    return queryset


def register(model: type[Model], scope: Scope = everyone, *, history: str = "view") -> None:
    _rules[model] = Rule(scope, restricted=scope is not everyone, history=history)


def lift_scopes(permission: str) -> None:
    """Whoever has this permission is held back by no scope. Scopes that ask for it themselves must name it here, so
    that what looks across models (the change history) agrees with them."""
    _lifting.add(permission)


def sees_all(user: Any) -> bool:
    """Whether no scope hides records from the user; the right to see them at all is another question (`may`)."""
    return any(user.has_perm(permission) for permission in _lifting)


def register_part(model: type[Model], whole: str) -> None:
    """A part is reached exactly where its whole is."""
    _parts[model] = whole


def registered(model: type[Model]) -> bool:
    return model in _rules or model in _parts


def whole_of(model: type[Model]) -> type[Model] | None:
    name = _parts.get(model)
    return model._meta.get_field(name).related_model if name else None


def is_restricted(model: type[Model]) -> bool:
    whole = whole_of(model)
    if whole is not None:
        return is_restricted(whole)
    rule = _rules.get(model)
    return rule is None or rule.restricted


def may(user: Any, action: str, model: type[Model]) -> bool:
    """Whether the user has the right to do this to some records of the model."""
    if not (user and user.is_authenticated and user.is_active):
        return False
    whole = whole_of(model)
    if whole is not None:
        return may(user, action if action in ("view", "export") else "change", whole)
    if model not in _rules:
        return False
    return bool(user.has_perm(f"{model._meta.app_label}.{PERMISSIONS[action]}_{model._meta.model_name}"))


def may_read_history(user: Any, model: type[Model]) -> bool:
    """Whether the user may read who changed such records; for some that takes more than seeing them."""
    rule = _rules.get(whole_of(model) or model)
    return rule is not None and may(user, rule.history, model)


def scoped(user: Any, source: type[Model] | QuerySet[Any], action: str = "view") -> Any:
    """The records of `source` that the user reaches with this action (none without the right), as the model's own
    kind of queryset."""
    queryset = source if isinstance(source, QuerySet) else source._default_manager.all()
    model = queryset.model
    if not may(user, action, model):
        return queryset.none()
    if (whole := whole_of(model)) is not None:
        if not is_restricted(whole):
            return queryset
        return queryset.filter(**{f"{_parts[model]}__in": scoped(user, whole, action).values("pk")})
    return _rules[model].scope(user, queryset, action)


def can(user: Any, action: str, record: Model) -> bool:
    """Whether the user may do this to this record."""
    if not may(user, action, type(record)):
        return False
    return scoped(user, type(record), action).filter(pk=record.pk).exists()


class System:
    """The reader behind commands and scheduled work: no account, no limits. Never behind a request."""

    is_authenticated = is_active = True
    is_anonymous = False
    pk = None

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return True

    def __str__(self) -> str:
        return "system"


SYSTEM = System()
