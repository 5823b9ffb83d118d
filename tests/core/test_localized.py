"""Names in the record's own script and three languages."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.formats import number_format

from core.localized import localized, suffix_for
from tests.factories import ContractFactory, EventFactory, ZoneFactory

NAMES = {"name": "日本電気", "name_en": "NEC", "name_zh": "日本电气", "name_ja": "日本電気"}


@pytest.mark.parametrize(
    ("language", "suffix"),
    [("en", "en"), ("zh-hans", "zh"), ("zh-Hans", "zh"), ("ja", "ja"), ("de", "en"), ("zh-hant", "en")],
)
def test_a_language_has_its_column(language, suffix):
    assert suffix_for(language) == suffix


def test_without_a_language_it_is_the_active_one():
    with translation.override("ja"):
        assert suffix_for() == "ja"
    with translation.override(None):
        assert suffix_for() == "en"


@pytest.mark.parametrize(("language", "shown"), [("en", "NEC"), ("zh-hans", "日本电气"), ("ja", "日本電気")])
def test_the_reader_gets_the_spelling_of_the_language(language, shown):
    with translation.override(language):
        assert str(ZoneFactory.build(**NAMES)) == shown


def test_a_missing_spelling_falls_back_to_the_own_script():
    with translation.override("zh-hans"):
        assert localized("日本電気", "NEC", "", "日本電気") == "日本電気"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "own"),
    [({"name_en": "Zone"}, "Zone"), ({"name_ja": "協力区", "name_en": "Zone"}, "協力区"),
     ({"name_zh": "合作区", "name_ja": "協力区"}, "合作区"), ({"name": "Own", "name_zh": "合作区"}, "Own")],
)  # fmt: skip
def test_the_own_name_may_be_left_out(given, own):
    zone = ZoneFactory(**{"name": "", **given})
    zone.refresh_from_db()
    assert zone.name == own


@pytest.mark.parametrize(
    ("factory", "field"), [(ZoneFactory, "name"), (EventFactory, "name"), (ContractFactory, "title")]
)
def test_something_without_any_name_is_refused(factory, field):
    record = factory.build(**{field: "", "kind": None} if factory is EventFactory else {field: "", **_station(factory)})
    with pytest.raises(ValidationError) as caught:
        super(type(record), record).clean()
    assert caught.value.error_dict[field][0].code == "required"


def _station(factory):
    return {"station": None} if factory is ContractFactory else {}


@pytest.mark.django_db
def test_titles_work_like_names():
    contract = ContractFactory(title="", title_en="Agreement", title_ja="契約")
    with translation.override("en"):
        assert str(contract) == "Agreement"
    assert contract.title == "契約"


@pytest.mark.parametrize("language", ["en", "zh-hans", "ja"])
def test_long_amounts_are_grouped_by_thousands(language):
    with translation.override(language):
        assert number_format(150000000, force_grouping=True) == "150,000,000"
