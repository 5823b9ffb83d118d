"""Whatever is merged, edited and taken apart again, in any order: nothing is lost, and nothing belongs to two."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core import search_text
from core.access import SYSTEM
from core.merges import Merge
from core.merging import merge
from core.unmerging import unmerge
from crm.models import Alias, Interaction, Lead, Organization
from events.models import EventPartner
from tests.factories import (
    AliasFactory,
    EventFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    UserFactory,
)

SEQUENCES, STEPS, MANY = 300, 6, 4
WHICH = st.integers(0, MANY - 1)
NAMES = ["日本電気", "NEC", "Nomura", "NEC"]  # two of them are called the same
FIELDS = st.sampled_from(["name", "city", "notes"])
CITIES = st.sampled_from(["", "東京", "Suzhou"])


class MergeMachine(RuleBasedStateMachine):
    """Four companies with children of each kind; `into` says who each one is now, `leads` whose each lead is."""

    station = owner = event = talk = None  # shared by all sequences, each of which is rolled back
    companies = ()
    leads_of = aliases = None

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.into = dict.fromkeys(self.companies)  # None: it is one of its own
        self.leads = dict(self.leads_of)
        self.merges, self.refused = [], []

    def teardown(self):
        assert search_text.wrong(Organization, self.companies) == []
        assert search_text.wrong(Lead, list(self.leads)) == []
        assert search_text.wrong(Interaction, [self.talk.pk]) == []
        transaction.savepoint_rollback(self.savepoint)

    @initialize(cities=st.lists(CITIES, min_size=MANY, max_size=MANY))
    def begin(self, cities):
        for pk, city in zip(self.companies, cities, strict=True):
            Organization.objects.filter(pk=pk).update(city=city)

    def lead(self, pk):
        return LeadFactory(organization_id=pk, station=self.station, owner=self.owner).pk

    def now(self, pk):
        while self.into[pk] is not None:
            pk = self.into[pk]
        return pk

    @property
    def standing(self):
        return [pk for pk in self.companies if self.into[pk] is None]

    # -- what happens ------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.standing) > 1)
    @rule(data=st.data())
    def merge_two(self, data):
        kept, other = data.draw(st.permutations(self.standing))[:2]
        sides = data.draw(
            st.dictionaries(st.sampled_from(["name", "city", "notes"]), st.sampled_from(["kept", "other"]))
        )
        before = self.versions()
        self.merges.append(merge(SYSTEM, Organization, kept, other, winners=sides))
        self.into[other] = kept
        self.each_version_went_up_by_one_at_most(before)

    @rule(data=st.data())
    def edit(self, data):
        record = Organization.objects.get(pk=data.draw(st.sampled_from(self.standing)))
        setattr(record, data.draw(st.sampled_from(["city", "notes"])), data.draw(CITIES))
        record.save()

    @rule(data=st.data())
    def add_children(self, data):
        pk = data.draw(st.sampled_from(self.standing))
        self.leads[self.lead(pk)] = pk

    @rule(data=st.data())
    def assign_a_lead_to_another(self, data):
        lead = Lead.objects.get(pk=data.draw(st.sampled_from(sorted(self.leads))))
        lead.organization_id = data.draw(st.sampled_from(self.standing))
        lead.save()
        self.leads[lead.pk] = lead.organization_id

    @precondition(lambda self: any(merge.undone_at is None for merge in self.merges))
    @rule(data=st.data())
    def undo(self, data):
        done = data.draw(st.sampled_from([merge for merge in self.merges if merge.undone_at is None]))
        before, state = self.versions(), self.state()
        try:
            unmerge(SYSTEM, done)
        except ValidationError as error:
            self.refused.append(error)
            assert self.state() == state  # nothing half undone
            return
        done.refresh_from_db()
        self.into[done.merged] = None
        self.each_version_went_up_by_one_at_most(before)

    # -- what holds at any time ----------------------------------------------------------------------------------------

    def versions(self):
        return {
            (model, pk): version
            for model in (Organization, Lead, Interaction)
            for pk, version in model._base_manager.values_list("pk", "version")
        }

    def each_version_went_up_by_one_at_most(self, before):
        after = self.versions()
        assert {after[key] - version for key, version in before.items()} <= {0, 1}

    def state(self):
        models = (Organization, Lead, Interaction, Alias, EventPartner, Interaction.organizations.through)
        return [list(model._base_manager.order_by("pk").values_list()) for model in models]

    @invariant()
    def who_is_merged_is_known_and_leads_to_the_one_that_is_left(self):
        stored = dict(Organization._base_manager.filter(pk__in=self.companies).values_list("pk", "merged_into"))
        assert stored == {pk: None if self.into[pk] is None else self.now(pk) for pk in self.companies}
        listed = Organization.objects.active().filter(pk__in=self.companies).values_list("pk", flat=True)
        assert set(listed) == set(self.standing)

    @invariant()
    def no_child_is_lost(self):
        stored = dict(Lead.objects.filter(pk__in=self.leads).values_list("pk", "organization"))
        assert set(stored) == set(self.leads)
        assert set(stored.values()) <= set(self.standing)
        for lead, pk in self.leads.items():
            if stored[lead] != self.now(pk):  # it came to another by the kept one's right: assigned while merged
                assert self.now(stored[lead]) == stored[lead]

    @invariant()
    def each_that_is_left_has_the_links_of_all_that_it_is(self):
        linked = set(
            self.talk.organizations.through.objects.filter(interaction=self.talk).values_list("organization", flat=True)
        )
        assert linked == set(self.standing)
        partners = list(
            EventPartner.objects.filter(organization__in=self.companies).values_list("organization", flat=True)
        )
        assert sorted(partners) == sorted({self.now(pk) for pk in self.companies[:3]})

    @invariant()
    def each_goes_by_the_names_of_all_that_it_is(self):
        for pk, name in zip(self.companies, NAMES, strict=True):
            kept = Organization.objects.get(pk=self.now(pk))
            own = {kept.name, kept.name_en, kept.name_zh, kept.name_ja}
            assert name in own | set(kept.aliases.values_list("name", flat=True))
        assert len(self.aliases) == Alias.objects.filter(pk__in=self.aliases).count()

    @invariant()
    def a_refusal_says_why(self):
        assert all(error.messages and all(error.messages) for error in self.refused)

    @invariant()
    def the_log_agrees(self):
        merged = Merge.objects.filter(undone_at__isnull=True, merged__in=self.companies)
        assert set(merged.values_list("merged", flat=True)) == {
            pk for pk in self.companies if self.into[pk] is not None
        }


def check(**shared):
    run_state_machine_as_test(
        type("Machine", (MergeMachine,), shared),
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def cast(station):
    """Companies with children of each kind: own ones, and one talk and one event that they have in common."""
    companies = [OrganizationFactory(name=name).pk for name in NAMES]
    event, owner, talk = EventFactory(), UserFactory(), InteractionFactory(station=station)
    talk.organizations.set(companies)
    for pk in companies[:3]:
        EventPartner(event=event, organization_id=pk, role="co_host").save()
    leads = {LeadFactory(organization_id=pk, station=station, owner=owner).pk: pk for pk in companies}
    aliases = [AliasFactory(organization_id=pk, name=f"alias {at % 2}").pk for at, pk in enumerate(companies)]
    return {
        "companies": companies, "event": event, "owner": owner, "talk": talk, "leads_of": leads, "aliases": aliases,
        "station": station,
    }  # fmt: skip


@pytest.mark.django_db
def test_no_merge_loses_anything(tokyo_station):
    check(**cast(tokyo_station))
