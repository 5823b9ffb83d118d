"""The API of this app."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from rest_framework import serializers
from rest_framework.decorators import action

from core import access
from core.api.fields import ScopedRelatedField
from core.api.serializers import StrictSerializer
from core.api.views import RecordViewSet
from crm.models import Lead
from projects import resources
from projects.conversion import convert
from projects.models import Zone


class ZoneViewSet(RecordViewSet):
    resource = resources.zones


class ConversionSerializer(StrictSerializer):
    """A qualified lead and, if wished, the project's name (default: the lead's title) and zone."""

    lead = ScopedRelatedField(queryset=Lead.objects.all())
    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    zone = ScopedRelatedField(queryset=Zone.objects.all(), required=False, allow_null=True)


class ProjectViewSet(RecordViewSet):
    resource = resources.projects
    access_actions = {"convert": "add"}
    creating = {"convert": ConversionSerializer}

    @action(detail=False, methods=["post"])
    def convert(self, request: Any) -> Any:
        """Opens a project from a qualified lead, which thereby is converted."""
        body = self.body(ConversionSerializer)
        if not access.can(request.user, "change", body["lead"]):
            raise PermissionDenied
        with transaction.atomic():
            project = convert(owner=request.user, **body)
            return self.answer(self.resource.model._base_manager.filter(pk=project.pk), 201)


class ContractViewSet(RecordViewSet):
    resource = resources.contracts


class BatchViewSet(RecordViewSet):
    resource = resources.batches


VIEWSETS = (
    ZoneViewSet,
    ProjectViewSet,
    ContractViewSet,
    BatchViewSet,
)
