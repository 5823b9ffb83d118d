"""The API of this app."""

from core.api.views import ReadOnlyResourceViewSet, RecordViewSet
from events import resources


class EventViewSet(RecordViewSet):
    resource = resources.events


class DelegationViewSet(RecordViewSet):
    resource = resources.delegations


class SessionViewSet(RecordViewSet):
    resource = resources.sessions


class GuestViewSet(RecordViewSet):
    resource = resources.guests


class VisitViewSet(RecordViewSet):
    resource = resources.visits


class EventKindViewSet(ReadOnlyResourceViewSet):
    resource = resources.event_kinds


VIEWSETS = (
    EventViewSet,
    DelegationViewSet,
    SessionViewSet,
    GuestViewSet,
    VisitViewSet,
    EventKindViewSet,
)
