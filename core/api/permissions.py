"""Permissions of the API: every action of a view stands for an action of `core.access`, or is denied."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission

from core import access
from core.resources import Resource
from core.tokens import ApiToken

# What an action of a viewset means to `core.access`. Viewsets add theirs in `access_actions`.
ACTIONS = {
    "list": "view",
    "retrieve": "view",
    "history": "view",
    "create": "add",
    "update": "change",
    "partial_update": "change",
    "archive": "archive",
    "restore": "restore",
    "bulk_change": "change",
    "bulk_archive": "archive",
    "bulk_restore": "restore",
}
REFUSED = {
    "view": _("You may not read these records."),
    "add": _("You may not add such records."),
    "change": _("You may not change this record."),
    "archive": _("You may not archive this record."),
    "restore": _("You may not restore this record."),
    "export": _("You may not export these records."),
}
NO_EXPORT = _("This token may not export.")
EXPORT_FORMATS = ("csv", "xlsx")


def access_action(request: Any, view: Any) -> str | None:
    """The action of `core.access` behind this request; None if nobody said what it is."""
    if view.action == "list" and request.query_params.get("format") in EXPORT_FORMATS:
        return "export"
    known: dict[str, str] = {**ACTIONS, **getattr(view, "access_actions", {})}
    return known.get(view.action)


class RegistryPermission(BasePermission):
    """Asks `core.access`. Views without a resource must name their own permission classes."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if request.method.lower() not in getattr(view, "action_map", {request.method.lower()}):
            raise MethodNotAllowed(request.method)
        if not hasattr(view, "resource"):
            return False
        action = access_action(request, view)
        if action is None:
            return False
        self.message = REFUSED[action]
        return access.may(request.user, action, view.resource.model) and self._token_may(request.auth, action)

    def _token_may(self, token: Any, action: str) -> bool:
        if action != "export" or not isinstance(token, ApiToken) or token.may_export:
            return True
        self.message = NO_EXPORT
        return False


def reach(resource: Resource, user: Any, pk: Any, action: str) -> Any:
    """The record, if the user reaches it with this action.

    Raises Http404 where it is out of sight, exactly as if it did not exist, and PermissionDenied where it may be seen
    but not touched.
    """
    if not resource.all(user, "view").filter(pk=pk).exists():
        raise Http404
    record = resource.all(user, action).filter(pk=pk).first()
    if record is None:
        raise PermissionDenied(REFUSED[action])
    return record
