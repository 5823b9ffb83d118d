"""Reference lists: three names, a code, retired by date."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone, translation

from core.reference import refuse_retired
from crm.models import Sector
from tests.factories import LeadFactory, SectorFactory

pytestmark = pytest.mark.django_db


def day(offset):
    return timezone.localdate() + datetime.timedelta(days=offset)


@pytest.mark.parametrize(("retired_on", "usable"), [(None, True), (1, True), (0, False), (-1, False)])
def test_an_entry_is_in_use_until_the_day_it_is_retired(retired_on, usable):
    sector = SectorFactory(retired_on=None if retired_on is None else day(retired_on))
    assert Sector.objects.in_use().filter(pk=sector.pk).exists() is usable


def test_the_names_are_in_the_language_of_the_reader():
    sector = SectorFactory(name_en="Robots", name_zh="机器人", name_ja="ロボット")
    names = []
    for language in ("en", "zh-hans", "ja"):
        with translation.override(language):
            names.append(str(sector))
    assert names == ["Robots", "机器人", "ロボット"]


def test_a_code_is_used_once():
    sector = SectorFactory.build(code=SectorFactory().code)
    with pytest.raises(ValidationError) as caught:
        sector.full_clean()
    assert list(caught.value.error_dict) == ["code"]


def test_entries_come_in_their_order():
    Sector.objects.all().delete()
    SectorFactory(code="b", position=1)
    SectorFactory(code="c", position=0)
    SectorFactory(code="a", position=1)
    assert [sector.code for sector in Sector.objects.all()] == ["c", "a", "b"]


def test_an_entry_in_use_cannot_be_deleted():
    lead = LeadFactory(sector=SectorFactory())
    with pytest.raises(ProtectedError):
        lead.sector.delete()


def test_a_retired_entry_is_not_chosen_anew():
    lead = LeadFactory()
    lead.sector = SectorFactory(retired_on=day(0), name_en="Fax machines")
    with pytest.raises(ValidationError, match="“Fax machines” is no longer in use") as caught:
        refuse_retired(lead, "sector")
    assert caught.value.error_dict["sector"][0].code == "retired"


def test_a_new_record_cannot_choose_a_retired_entry():
    lead = LeadFactory.build(sector=SectorFactory(retired_on=day(0)))
    with pytest.raises(ValidationError):
        refuse_retired(lead, "sector")


def test_an_entry_retired_later_stays_where_it_is():
    lead = LeadFactory(sector=SectorFactory())
    Sector.objects.filter(pk=lead.sector_id).update(retired_on=day(-1))
    lead.sector.refresh_from_db()
    refuse_retired(lead, "sector")


def test_an_entry_that_retires_tomorrow_can_be_chosen():
    refuse_retired(LeadFactory.build(sector=SectorFactory(retired_on=day(1))), "sector", "channel")
