import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from crm.models import Organization
from tests.factories import AliasFactory, OrganizationFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db
NEC = "7010401022916"
CREDIT_CODE = "91110000600037341L"


def nec():
    organization = OrganizationFactory(
        name="日本電気株式会社", name_en="NEC Corporation", name_kana="ニッポンデンキ", corporate_number=NEC
    )
    AliasFactory(organization=organization, name="NEC", kind="acronym")
    return organization


class TestNames:
    def test_own_name_may_be_left_out_where_a_translation_is_given(self):
        organization = Organization(country="FR", name_en="Example", name_ja="例示社")
        assert refusals(organization) == {}
        assert organization.name == "例示社"

    def test_without_any_name_it_is_refused(self):
        assert refusals(Organization(country="JP")) == {"name": ["Give at least one name."]}

    @pytest.mark.parametrize(
        ("country", "slot"),
        [
            ("JP", "name_ja"),
            ("CN", "name_zh"),
            ("HK", "name_zh"),
            ("TW", "name_zh"),
            ("US", "name_en"),
            ("SG", "name_en"),
        ],
    )
    def test_own_name_is_also_the_name_in_the_language_of_the_country(self, country, slot):
        organization = OrganizationFactory(name="Example", country=country)
        filled = {name for name in ("name_en", "name_zh", "name_ja") if getattr(organization, name)}
        assert filled == {slot}
        assert getattr(organization, slot) == "Example"

    def test_where_the_country_has_another_language_nothing_is_filled(self):
        organization = OrganizationFactory(name="Beispiel GmbH", country="DE")
        assert (organization.name_en, organization.name_zh, organization.name_ja) == ("", "", "")

    def test_a_name_that_was_given_is_not_replaced(self):
        organization = OrganizationFactory(name="NEC", name_ja="日本電気株式会社", country="JP")
        assert organization.name_ja == "日本電気株式会社"

    def test_a_translation_that_stands_in_is_not_taken_for_the_own_language(self):
        organization = OrganizationFactory(name="", name_en="NEC Corporation", country="JP")
        assert (organization.name, organization.name_ja) == ("NEC Corporation", "")

    @pytest.mark.parametrize(
        ("language", "name"),
        [("en", "NEC Corporation"), ("zh-hans", "日本电气"), ("ja", "日本電気"), ("fr", "NEC Corporation")],
    )
    def test_readers_see_the_name_in_their_language(self, language, name):
        organization = Organization(name="日本電気", name_en="NEC Corporation", name_zh="日本电气", name_ja="日本電気")
        with translation.override(language):
            assert str(organization) == name

    def test_readers_see_the_own_name_where_theirs_is_missing(self):
        with translation.override("zh-hans"):
            assert str(Organization(name="日本電気", name_en="NEC")) == "日本電気"


class TestNumbers:
    def test_check_digit_is_reported_at_the_field(self):
        organization = OrganizationFactory.build(corporate_number="7010401022917", credit_code="91110000600037341K")
        assert refusals(organization) == {
            "corporate_number": ["The check digit of this corporate number is wrong. Compare it with the document."],
            "credit_code": ["The check character of this credit code is wrong. Compare it with the document."],
        }

    def test_numbers_are_stored_half_width_and_in_capitals(self):
        organization = OrganizationFactory.build(
            corporate_number="７０１０４０１０２２９１６", credit_code=CREDIT_CODE.lower()
        )
        assert refusals(organization) == {}
        assert (organization.corporate_number, organization.credit_code) == (NEC, CREDIT_CODE)

    @pytest.mark.parametrize(
        ("field", "number", "message"),
        [
            ("corporate_number", NEC, "Another organization already has this corporate number."),
            ("credit_code", CREDIT_CODE, "Another organization already has this credit code."),
        ],
    )
    def test_a_number_belongs_to_one_organization(self, field, number, message):
        OrganizationFactory(**{field: number})
        assert refusals(OrganizationFactory.build(**{field: number})) == {field: [message]}
        with pytest.raises(IntegrityError), transaction.atomic():
            OrganizationFactory(**{field: number})

    def test_many_organizations_have_no_number(self):
        OrganizationFactory.create_batch(2, corporate_number="", credit_code="")
        assert refusals(OrganizationFactory.build()) == {}


class TestParent:
    MESSAGE = ["An organization cannot be its own parent or ancestor."]

    def test_an_organization_is_not_its_own_parent(self):
        organization = OrganizationFactory()
        organization.parent = organization
        assert refusals(organization) == {"parent": self.MESSAGE}

    def test_nor_its_own_grandparent(self):
        top = OrganizationFactory()
        bottom = OrganizationFactory(parent=OrganizationFactory(parent=top))
        top.parent = bottom
        assert refusals(top) == {"parent": self.MESSAGE}

    def test_a_chain_of_parents_is_fine(self):
        organization = OrganizationFactory(parent=OrganizationFactory(parent=OrganizationFactory()))
        assert refusals(organization) == {}


class TestSearch:
    @pytest.mark.parametrize(
        "query",
        [
            "日本電気",
            "日本电气",
            "日本電氣",
            "電気",
            "NEC",
            "nec",
            "ＮＥＣ",
            "corporation",
            "ﾆｯﾎﾟﾝﾃﾞﾝｷ",
            NEC,
            "株式会社 nec",
            "O-{pk:06d}",
        ],
    )
    def test_finds_an_organization_from_any_script(self, query):
        organization = nec()
        OrganizationFactory(name="エアーテック株式会社")
        assert list(Organization.objects.search(query.format(pk=organization.pk))) == [organization]

    @pytest.mark.parametrize("query", ["NED", "日本電力", "nec airtech", "%", "_"])
    def test_every_word_must_occur(self, query):
        nec()
        assert not Organization.objects.search(query).exists()

    def test_an_alias_that_is_removed_is_no_longer_found(self):
        alias = AliasFactory(name="エヌイーシー")
        assert list(Organization.objects.search("エヌイーシー")) == [alias.organization]
        alias.delete()
        assert not Organization.objects.search("エヌイーシー").exists()

    def test_a_changed_name_is_found_at_once(self):
        organization = OrganizationFactory()
        organization.name_zh = "恩益禧"
        organization.save()
        assert list(Organization.objects.search("恩益禧")) == [organization]


class TestAliases:
    def test_a_name_is_listed_once_per_kind(self):
        alias = AliasFactory(name="NEC", kind="acronym")
        again = AliasFactory.build(organization=alias.organization, name="NEC", kind="acronym")
        assert refusals(again) == {"__all__": ["This name is already listed."]}
        AliasFactory(organization=alias.organization, name="NEC", kind="trade")

    def test_a_new_alias_is_a_change_of_the_organization(self):
        organization = OrganizationFactory()
        AliasFactory(organization=organization)
        stored = Organization.objects.get()
        assert (organization.version, stored.version) == (2, 2)


def test_reference_is_the_number_with_a_letter():
    organization = OrganizationFactory()
    assert organization.reference == f"O-{organization.pk:06d}"
    assert Organization().reference == ""


def test_website_must_be_an_address():
    assert refusals(OrganizationFactory.build(website="not an address")) == {"website": ["Enter a valid URL."]}
