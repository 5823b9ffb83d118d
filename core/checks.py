"""System checks: what must hold of every model, told at `manage.py check`."""

from typing import Any

from django.apps import apps
from django.core.checks import Error, register

from core import access
from core.audit import EXEMPT, OWN_APPS
from core.records import Part
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
def every_part_names_its_whole(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(f"{model._meta.label}.whole names no foreign key.", obj=model, id="liaison.E002")
        for model in apps.get_models()
        if issubclass(model, Part | Change) and model.whole not in {f.name for f in model._meta.fields if f.is_relation}
    ]
