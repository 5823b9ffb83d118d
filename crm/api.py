"""The API of this app."""

from core.api.merging import MergeActions
from core.api.views import ReadOnlyResourceViewSet, RecordViewSet
from crm import resources


class OrganizationViewSet(MergeActions, RecordViewSet):
    resource = resources.organizations


class PersonViewSet(MergeActions, RecordViewSet):
    resource = resources.people


class LiaisonStationViewSet(RecordViewSet):
    resource = resources.stations


class LeadViewSet(RecordViewSet):
    resource = resources.leads


class InteractionViewSet(RecordViewSet):
    resource = resources.interactions


class SectorViewSet(ReadOnlyResourceViewSet):
    resource = resources.sectors


class ChannelViewSet(ReadOnlyResourceViewSet):
    resource = resources.channels


class LostReasonViewSet(ReadOnlyResourceViewSet):
    resource = resources.lost_reasons


class UserViewSet(ReadOnlyResourceViewSet):
    resource = resources.users


VIEWSETS = (
    OrganizationViewSet,
    PersonViewSet,
    LiaisonStationViewSet,
    LeadViewSet,
    InteractionViewSet,
    SectorViewSet,
    ChannelViewSet,
    LostReasonViewSet,
    UserViewSet,
)
