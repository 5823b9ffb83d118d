"""The API of this app."""

from core.api.views import RecordViewSet
from projects import resources


class ZoneViewSet(RecordViewSet):
    resource = resources.zones


class ProjectViewSet(RecordViewSet):
    resource = resources.projects


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
