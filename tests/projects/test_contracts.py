import datetime

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from core import access
from core.request_context import acting
from projects.contracts import progress_text
from projects.models import Batch, Contract, ContractParty
from tests.factories import (
    BatchFactory,
    ContractFactory,
    EventFactory,
    OrganizationFactory,
    PartyFactory,
    PersonFactory,
    SessionFactory,
    StationFactory,
    UserFactory,
)
from tests.rules import refusals

pytestmark = pytest.mark.django_db


def signing(**fields):
    return SessionFactory(kind="signing", **fields)


class TestBatchProgress:
    def batch(self, contracts=3, **fields):
        batch = BatchFactory(**fields)
        ContractFactory.create_batch(contracts, batch=batch)
        return batch

    def progress(self, *args, **fields):
        self.batch(*args, **fields)
        return Batch.objects.with_recorded(access.SYSTEM).get().progress(access.SYSTEM)

    def test_says_how_many_of_those_announced_are_on_file(self):
        assert self.progress(announced_count=8) == "3 of 8 recorded"

    def test_says_only_how_many_where_none_were_announced(self):
        assert self.progress(announced_count=None) == "3 recorded"

    @pytest.mark.parametrize(
        ("language", "texts"),
        [
            ("en", ("3 of 8 recorded", "3 recorded")),
            ("zh-hans", ("公布8份，已录入3份", "已录入3份")),
            ("ja", ("8件中3件を登録済み", "3件を登録済み")),
        ],
    )
    def test_in_the_language_of_the_reader(self, language, texts):
        with translation.override(language):
            assert (progress_text(access.SYSTEM, 3, 8), progress_text(access.SYSTEM, 3, None)) == texts

    def test_archived_contracts_do_not_count(self):
        batch = self.batch()
        batch.contracts.first().archive("Entered twice")
        assert Batch.objects.with_recorded(access.SYSTEM).get().recorded == 2

    def test_a_list_counts_in_one_query(self, django_assert_num_queries):
        for _number in range(3):
            self.batch(announced_count=5)
        with django_assert_num_queries(1):
            counted = Batch.objects.with_recorded(access.SYSTEM)
            assert [batch.progress(access.SYSTEM) for batch in counted] == ["3 of 5 recorded"] * 3

    def test_an_empty_batch_counts_nought(self):
        assert self.progress(contracts=0) == "0 of 8 recorded"

    def test_a_reader_of_one_station_counts_its_contracts_and_is_told_so(self, officer, tokyo_station):
        contract = self.batch().contracts.first()
        contract.station = tokyo_station
        contract.save()
        batch = Batch.objects.with_recorded(officer).get()
        assert (batch.recorded, batch.progress(officer)) == (1, "1 of 8 recorded (of those you can see)")


class TestBatch:
    def test_is_signed_at_a_signing_ceremony(self):
        message = "Choose a session of the kind “signing ceremony”."
        assert refusals(BatchFactory.build(session=SessionFactory(kind="speech"))) == {"session": [message]}
        assert refusals(BatchFactory.build(session=signing())) == {}

    def test_needs_a_name(self):
        assert refusals(Batch()) == {"name": ["Give at least one name."]}

    def test_belongs_to_all_staff(self, stranger):
        assert access.can(stranger, "view", BatchFactory())


class TestContract:
    @pytest.mark.parametrize(
        ("amount", "currency", "refusal"),
        [
            (None, "", {}),
            (35 * 10**7, "CNY", {}),
            (1, "", {"contracted_currency": ["Give the currency of the amount."]}),
            (None, "CNY", {"contracted_amount": ["Give the amount, or remove the currency."]}),
            (1, "ZZZ", {"contracted_currency": ["Value 'ZZZ' is not a valid choice."]}),
        ],
    )
    def test_an_amount_is_optional_and_has_a_currency(self, amount, currency, refusal):
        contract = ContractFactory()
        contract.contracted_amount, contract.contracted_currency = amount, currency
        assert refusals(contract) == refusal

    def test_the_database_keeps_them_together_too(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContractFactory(contracted_amount=1)

    @pytest.mark.parametrize(("days", "fine"), [(-1, True), (0, True), (1, True), (2, False)])
    def test_is_not_signed_in_the_future(self, days, fine):
        # A day more, because it may be tomorrow already where the contract is signed.
        contract = ContractFactory()
        contract.signed_on = timezone.localdate() + datetime.timedelta(days)
        message = "A contract cannot be signed in the future. Leave the date empty until it is signed."
        assert refusals(contract) == ({} if fine else {"signed_on": [message]})

    def test_a_number_is_used_once_per_station(self):
        contract = ContractFactory(number="2019-001")
        again = ContractFactory.build(number="2019-001", station=contract.station)
        assert refusals(again) == {"__all__": ["Another contract of this station already has this number."]}
        assert refusals(ContractFactory.build(number="2019-001", station=StationFactory())) == {}

    def test_many_contracts_have_no_number(self):
        contract = ContractFactory(number="")
        assert refusals(ContractFactory.build(number="", station=contract.station)) == {}

    def test_staff_file_contracts_at_their_own_station(self, officer, osaka_station):
        with acting(officer):
            assert refusals(ContractFactory.build(station=osaka_station)) == {
                "station": ["You do not work at this station. Choose one of your own."]
            }

    def test_a_document_is_of_a_known_kind(self):
        contract = ContractFactory.build(station=StationFactory(), file=ContentFile(b"MZ", "contract.exe"))
        assert list(refusals(contract)) == ["file"]
        contract.file = ContentFile(b"%PDF-1.7", "contract.pdf")
        assert refusals(contract) == {}

    @pytest.mark.parametrize("query", ["education", "教育合作", "2019-001"])
    def test_is_found_by_title_and_number(self, query):
        contract = ContractFactory(title="中日教育合作项目", title_en="Education project", number="2019-001")
        ContractFactory()
        assert list(Contract.objects.search(query)) == [contract]


class TestBatchAndEvent:
    def test_contract_and_batch_are_signed_at_the_same_event(self):
        session = signing(event=EventFactory(name="Tokyo conference"))
        contract = ContractFactory.build(
            station=StationFactory(), batch=BatchFactory(session=session), event=EventFactory()
        )
        assert refusals(contract) == {"batch": ["This batch was signed at another event (Tokyo conference)."]}
        contract.event = session.event
        assert refusals(contract) == {}

    def test_where_one_of_them_is_unknown_nothing_contradicts(self):
        batch, station = BatchFactory(session=signing()), StationFactory()
        assert refusals(ContractFactory.build(station=station, batch=batch)) == {}
        assert refusals(ContractFactory.build(station=station, batch=BatchFactory(), event=EventFactory())) == {}


class TestScope:
    def test_members_and_the_owner_see_it(self, officer, stranger, tokyo_station):
        contract = ContractFactory(station=tokyo_station)
        assert access.can(officer, "change", contract)
        assert not access.can(stranger, "view", contract)
        contract.owner = stranger
        contract.save()
        assert access.can(stranger, "view", contract)

    def test_its_parties_are_seen_with_it(self, officer, stranger, tokyo_station):
        party = PartyFactory(contract=ContractFactory(station=tokyo_station))
        assert access.can(officer, "view", party)
        assert not access.can(stranger, "view", party)

    def test_officers_of_a_batch_see_their_own_contracts_only(self, officer, tokyo_station):
        ours = ContractFactory(station=tokyo_station, batch=BatchFactory())
        ContractFactory(batch=ours.batch)
        assert list(access.scoped(officer, Contract).filter(batch=ours.batch)) == [ours]


class TestParties:
    MESSAGE = "A party is either an organization or a person."

    @pytest.mark.parametrize("both", [True, False])
    def test_is_one_of_the_two(self, both):
        party = ContractParty(contract=ContractFactory())
        if both:
            party.organization, party.person = OrganizationFactory(), PersonFactory()
        assert refusals(party) == {"organization": [self.MESSAGE]}
        with pytest.raises(IntegrityError), transaction.atomic():
            party.save()

    def test_may_be_a_person(self):
        party = PartyFactory(organization=None, person=PersonFactory(family_name="山田", given_name="太郎"))
        assert (refusals(party), str(party)) == ({}, "山田太郎")

    def test_may_be_an_association(self):
        party = PartyFactory(
            organization=OrganizationFactory(name="日中経営者協会", kind="association"), role="association"
        )
        assert (refusals(party), str(party)) == ({}, "日中経営者協会")

    def test_a_new_signatory_is_a_change_of_the_contract(self):
        party = PartyFactory()
        before = Contract.objects.get().version
        party.signatories.add(PersonFactory())
        assert Contract.objects.get().version == before + 1

    def test_owner_is_staff(self):
        assert refusals(ContractFactory(owner=UserFactory())) == {}
