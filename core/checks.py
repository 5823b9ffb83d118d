"""System checks: what must hold of every model, told at `manage.py check`."""

from typing import Any

from django.apps import apps
from django.core.checks import Error, register

from core import access
from core.audit import EXEMPT, OWN_APPS
from core.records import Part, Record
from core.stages import Change


@register()
def every_model_has_a_scope(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A model that nobody registered is denied to everybody; that is safe, but never what its author meant."""
    return [
        Error(
            f"{model._meta.label} has no access scope.",
            hint="Call access.register or access.register_part beside the model.",
            obj=model,
            id="liaison.E001",
        )
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
        if not access.registered(model) and model._meta.label not in EXEMPT
    ]


@register()
def search_reads_what_all_staff_share(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A name in a record's search text is told to whoever finds that record by it."""
    return [
        Error(
            f"{model._meta.label} is found by “{path}”, which not all staff may see.",
            hint="Leave it out of searched_related and found_with.",
            obj=model,
            id="liaison.E003",
        )
        for model in apps.get_models()
        if issubclass(model, Record)
        for path in (*model.searched_related, *model.found_with)
        if any(access.is_restricted(linked) for linked in _linked(model, path))
    ]


def _linked(model: Any, path: str) -> list[Any]:
    """The models along a path of relations, except for the record's own parts."""
    models = []
    for name in path.split("__"):
        field = model._meta.get_field(name)
        own_part = issubclass(field.related_model, Part) and field.related_model.whole == field.remote_field.name
        model = field.related_model
        models += [] if own_part else [model]
    return models


@register()
def every_part_names_its_whole(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(f"{model._meta.label}.whole names no foreign key.", obj=model, id="liaison.E002")
        for model in apps.get_models()
        if issubclass(model, Part | Change) and model.whole not in {f.name for f in model._meta.fields if f.is_relation}
    ]
