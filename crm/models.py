"""The models of `crm`, each in the file of its subject."""

from crm.interactions import Interaction
from crm.leads import Lead, LeadStageChange
from crm.lists import Channel, LostReason, Sector
from crm.organizations import Alias, Organization
from crm.people import Affiliation, ContactPoint, Person
from crm.stations import LiaisonStation, StationMembership

__all__ = [
    "Affiliation",
    "Alias",
    "Channel",
    "ContactPoint",
    "Interaction",
    "Lead",
    "LeadStageChange",
    "LiaisonStation",
    "LostReason",
    "Organization",
    "Person",
    "Sector",
    "StationMembership",
]
