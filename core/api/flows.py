"""Stages and statuses: for each flow of a model an address that moves it and one that lists its history."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api.permissions import reach
from core.api.serializers import CheckedSerializer
from core.columns import Columns, changes
from core.stages import Flow


def plural(name: str) -> str:
    """`stage` -> `stages`, `status` -> `statuses`."""
    return f"{name}es" if name.endswith("s") else f"{name}s"


def change_model(model: Any, flow: Flow) -> Any:
    return model._meta.get_field(flow.changes).related_model


def change_columns(model: Any, flow: Flow) -> Columns:
    columns: Columns = changes(change_model(model, flow), flow.changes).schema
    return columns


def move_serializer(model: Any, flow: Flow) -> type[CheckedSerializer]:
    """The body of a move: `to`, `reason`, and what else the history row of this model holds."""
    rows = change_model(model, flow)
    meta = type("Meta", (), {"model": rows, "fields": ["to", "reason", *rows.details()]})
    to = serializers.ChoiceField(choices=model._meta.get_field(flow.field).choices)
    name = f"{model.__name__}{flow.field.capitalize()}MoveSerializer"
    return type(name, (CheckedSerializer,), {"Meta": meta, "to": to})


def add_flow_actions(viewset: Any) -> None:
    """Gives a viewset `<id>/stage/` and `<id>/stages/` for each flow of its model."""
    model = viewset.resource.model
    flows = getattr(model, "flows", ())
    viewset.access_actions = dict(viewset.access_actions)
    for flow in flows:
        setattr(viewset, flow.field, _move_action(model, flow))
        setattr(viewset, plural(flow.field), _history_action(model, flow))
        viewset.access_actions |= {flow.field: "change", plural(flow.field): "view"}
    viewset.flows = {name: flow for flow in flows for name in (flow.field, plural(flow.field))}


def _move_action(model: Any, flow: Flow) -> Any:
    def move(self: Any, request: Any, pk: str) -> Response:
        def change(record: Any) -> None:
            body = self.body(move_serializer(model, flow))
            flow.move(record, **body)

        response: Response = self.write(pk, "change", change)
        return response

    move.__name__ = flow.field
    return action(detail=True, methods=["post"], url_path=flow.field, url_name=flow.field)(move)


def _history_action(model: Any, flow: Flow) -> Any:
    def history(self: Any, request: Any, pk: str) -> Response:
        self.refuse_parameters()
        record = reach(self.resource, request.user, pk, "view")
        columns = change_columns(model, flow)
        rows = change_model(model, flow)._base_manager.filter(record=record).order_by("changed_at", "pk")
        return Response({"results": [row for _pk, row in columns.records(rows, request.user)]})

    history.__name__ = plural(flow.field)
    return action(detail=True, url_path=plural(flow.field), url_name=plural(flow.field))(history)
