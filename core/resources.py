"""A resource: the one declaration behind an admin list, its export, an API endpoint and a report's source.

The FilterSet says which records, the Columns say which fields, access says whose (design 3.7).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.columns import Columns
from core.filters import asked_filters
from core.ordering import expressions, keys

OUTSIDE = gettext_lazy("With these values the record would not belong to “%(resource)s”.")


@dataclass(frozen=True)
class Resource:
    """`slug` names it in addresses and commands (`/api/v1/<slug>/`, `export_records <slug>`). `ordering` is the default
    order; `orderable` the further fields a reader may order by. `within` narrows the model (delegations are events)."""

    slug: str
    columns: Columns
    filterset: type[Any]
    ordering: tuple[str, ...] = ("-created_at",)
    orderable: tuple[str, ...] = ()
    within: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None
    choices_only: bool = False  # reference lists: read-only through the API
    order_fields: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        fields = dict.fromkeys([*(name.removeprefix("-") for name in self.ordering), *self.orderable])
        object.__setattr__(self, "order_fields", tuple(fields))

    @property
    def model(self) -> type[Model]:
        return self.columns.model

    def all(self, user: Any, action: str = "view") -> QuerySet[Any]:
        """Every record in the user's reach, archived ones too."""
        queryset = access.scoped(user, self.model, action)
        return self.within(queryset) if self.within else queryset

    def refuse_outside(self, pks: Collection[Any]) -> None:
        """Raises ValidationError if one of these stored records is not, or no longer, of this part of the model."""
        if self.within is not None:
            stored = self.model._base_manager.filter(pk__in=set(pks))
            if self.within(stored).count() < len(set(pks)):
                raise ValidationError(OUTSIDE, "outside", {"resource": self.slug})

    def filtered(self, request: Any, params: Mapping[str, Any], action: str = "view") -> QuerySet[Any]:
        """The records that `params` ask for. Raises ValidationError by parameter."""
        bound = asked_filters(self.filterset, params, queryset=self.all(request.user, action), request=request)
        if not bound.is_valid():
            raise ValidationError(bound.form.errors.as_data())
        return bound.qs

    def ordered(self, queryset: QuerySet[Any], names: tuple[str, ...] | None = None) -> QuerySet[Any]:
        """By these names (default: the resource's own order), empty values last, in a total order."""
        return queryset.order_by(*expressions(keys(self.model, names or self.ordering)))

    def order_names(self, text: str) -> tuple[str, ...]:
        """Parses `?ordering=-created_at,title`. Raises ValidationError for a field that cannot be ordered by."""
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        unknown = next((name for name in names if name.removeprefix("-") not in self.order_fields), None)
        if unknown is not None:
            message = _("Cannot order by “%(name)s”. Choose from: %(names)s.")
            raise ValidationError({"ordering": message % {"name": unknown, "names": ", ".join(self.order_fields)}})
        return names


_resources: dict[str, Resource] = {}


def register(resource: Resource) -> Resource:
    _resources[resource.slug] = resource
    return resource


def get(slug: str) -> Resource:
    return _resources[slug]


def everything() -> dict[str, Resource]:
    return dict(_resources)


def for_model(model: type[Model]) -> Resource:
    """The resource of a model's admin list (the widest one, where narrower ones exist)."""
    return next(r for r in _resources.values() if r.model is model and r.within is None)
