"""Plausible records for tests: `LeadFactory()` stores one with everything it needs."""

import datetime

import factory
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.accounts import User
from core.imports.models import Import, ImportedRecord, ImportMapping
from core.saved_views import SavedView
from crm.models import (
    Affiliation,
    Alias,
    Channel,
    ContactPoint,
    Interaction,
    Lead,
    LiaisonStation,
    LostReason,
    Organization,
    Person,
    Sector,
    StationMembership,
)
from events.models import Event, EventKind, EventPartner, Guest, Session, SessionSpeaker, Visit
from projects.models import Batch, Contract, ContractParty, Project, ProjectAmount, ProjectInvestor, Zone

PASSWORD = "a long enough passphrase"


class Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


class UserFactory(Factory):
    class Meta:
        model = User

    username = factory.Sequence("user{}".format)
    is_staff = True

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        self.set_unusable_password() if extracted is None else self.set_password(extracted)
        self.save()

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))

    @factory.post_generation
    def station(self, create, extracted, **kwargs):
        if extracted:
            StationMembership(station=extracted, user=self).save()


class OrganizationFactory(Factory):
    class Meta:
        model = Organization

    name = factory.Sequence("試験工業{}株式会社".format)
    country = "JP"


class AliasFactory(Factory):
    class Meta:
        model = Alias

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence("Alias {}".format)


class PersonFactory(Factory):
    class Meta:
        model = Person

    family_name = "山田"
    given_name = factory.Sequence("太郎{}".format)


class AffiliationFactory(Factory):
    class Meta:
        model = Affiliation

    person = factory.SubFactory(PersonFactory)
    organization = factory.SubFactory(OrganizationFactory)
    position = "部長"


class ContactPointFactory(Factory):
    class Meta:
        model = ContactPoint

    person = factory.SubFactory(PersonFactory)
    kind = "phone"
    value = factory.Sequence("+81 3-1234-{:04d}".format)


class StationFactory(Factory):
    class Meta:
        model = LiaisonStation

    name = factory.Sequence("Station {}".format)
    country = "JP"
    time_zone = "Asia/Tokyo"


class MembershipFactory(Factory):
    class Meta:
        model = StationMembership

    station = factory.SubFactory(StationFactory)
    user = factory.SubFactory(UserFactory)


class LeadFactory(Factory):
    class Meta:
        model = Lead

    title = factory.Sequence("Lead {}".format)
    organization = factory.SubFactory(OrganizationFactory)
    station = factory.SubFactory(StationFactory)
    owner = factory.SubFactory(UserFactory)


class InteractionFactory(Factory):
    class Meta:
        model = Interaction

    subject = factory.Sequence("Talk {}".format)
    station = factory.SubFactory(StationFactory)
    starts_at = factory.LazyFunction(timezone.now)


class EventFactory(Factory):
    class Meta:
        model = Event

    name = factory.Sequence("Event {}".format)
    kind = factory.LazyFunction(lambda: EventKind.objects.get(code="promotion_conference"))
    starts_on = datetime.date(2019, 7, 2)
    ends_on = datetime.date(2019, 7, 2)
    time_zone = "Asia/Tokyo"


class DelegationFactory(EventFactory):
    kind = factory.LazyFunction(lambda: EventKind.objects.get(code="outbound_delegation"))


class EventPartnerFactory(Factory):
    class Meta:
        model = EventPartner

    event = factory.SubFactory(EventFactory)
    organization = factory.SubFactory(OrganizationFactory)


class SessionFactory(Factory):
    class Meta:
        model = Session

    event = factory.SubFactory(EventFactory)
    title = factory.Sequence("Session {}".format)


class SpeakerFactory(Factory):
    class Meta:
        model = SessionSpeaker

    session = factory.SubFactory(SessionFactory)
    person = factory.SubFactory(PersonFactory)


class GuestFactory(Factory):
    class Meta:
        model = Guest

    event = factory.SubFactory(EventFactory)
    person = factory.SubFactory(PersonFactory)


class VisitFactory(Factory):
    class Meta:
        model = Visit

    delegation = factory.SubFactory(DelegationFactory)
    organization = factory.SubFactory(OrganizationFactory)


class ZoneFactory(Factory):
    class Meta:
        model = Zone

    name = factory.Sequence("Zone {}".format)


class ProjectFactory(Factory):
    class Meta:
        model = Project

    name = factory.Sequence("Project {}".format)
    station = factory.SubFactory(StationFactory)
    owner = factory.SubFactory(UserFactory)


class InvestorFactory(Factory):
    class Meta:
        model = ProjectInvestor

    project = factory.SubFactory(ProjectFactory)
    organization = factory.SubFactory(OrganizationFactory)


class AmountFactory(Factory):
    class Meta:
        model = ProjectAmount

    project = factory.SubFactory(ProjectFactory)
    amount = 1000
    currency = "CNY"
    dated_on = datetime.date(2024, 1, 1)


class BatchFactory(Factory):
    class Meta:
        model = Batch

    name = factory.Sequence("Batch {}".format)
    announced_count = 8


class ContractFactory(Factory):
    class Meta:
        model = Contract

    title = factory.Sequence("Contract {}".format)
    station = factory.SubFactory(StationFactory)


class PartyFactory(Factory):
    class Meta:
        model = ContractParty

    contract = factory.SubFactory(ContractFactory)
    organization = factory.SubFactory(OrganizationFactory)


class SectorFactory(Factory):
    class Meta:
        model = Sector

    code = factory.Sequence("sector-{}".format)
    name_en = factory.Sequence("Sector {}".format)
    name_zh = factory.Sequence("行业{}".format)
    name_ja = factory.Sequence("業種{}".format)


class ChannelFactory(SectorFactory):
    class Meta:
        model = Channel

    code = factory.Sequence("channel-{}".format)


class LostReasonFactory(SectorFactory):
    class Meta:
        model = LostReason

    code = factory.Sequence("lost-{}".format)


class EventKindFactory(SectorFactory):
    class Meta:
        model = EventKind

    code = factory.Sequence("kind-{}".format)


# One factory for each model that has a list of its own; tests that quantify over all models start here.
class ImportFactory(Factory):
    class Meta:
        model = Import

    user = factory.SubFactory(UserFactory)
    kind = "organizations"
    file = factory.django.FileField(filename="organizations.csv", data="Name,Country\r\n日本電気,JP\r\n".encode())
    file_name = "organizations.csv"


class ImportedRecordFactory(Factory):
    class Meta:
        model = ImportedRecord

    origin = factory.SubFactory(ImportFactory)
    row = factory.Sequence(lambda number: number + 2)
    content_type = factory.LazyFunction(lambda: ContentType.objects.get_for_model(Organization))
    object_id = factory.LazyFunction(lambda: OrganizationFactory().pk)


class ImportMappingFactory(Factory):
    class Meta:
        model = ImportMapping

    user = factory.SubFactory(UserFactory)
    kind = "organizations"
    headings = factory.Sequence("{:064x}".format)
    mapping = ["name", "country"]


class SavedViewFactory(Factory):
    class Meta:
        model = SavedView

    user = factory.SubFactory(UserFactory)
    list = "leads"
    name = factory.Sequence("View {}".format)
    query = "stage=new"
    order = "-due"
    columns = "title,organization,due"


BY_RESOURCE = {
    "organizations": OrganizationFactory,
    "people": PersonFactory,
    "stations": StationFactory,
    "leads": LeadFactory,
    "interactions": InteractionFactory,
    "events": EventFactory,
    "delegations": DelegationFactory,
    "sessions": SessionFactory,
    "guests": GuestFactory,
    "visits": VisitFactory,
    "zones": ZoneFactory,
    "projects": ProjectFactory,
    "contracts": ContractFactory,
    "batches": BatchFactory,
    "sectors": SectorFactory,
    "channels": ChannelFactory,
    "lost-reasons": LostReasonFactory,
    "event-kinds": EventKindFactory,
    "users": UserFactory,
}
