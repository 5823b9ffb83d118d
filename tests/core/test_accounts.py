"""Staff accounts."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from core.accounts import User, time_zone_choices
from tests.factories import LeadFactory, UserFactory


def test_a_user_is_called_by_the_full_name_else_by_the_user_name():
    assert str(User(username="tanaka", full_name="田中 一郎")) == "田中 一郎"
    assert str(User(username="tanaka")) == "tanaka"


def test_the_names_that_django_asks_for_are_the_same():
    user = User(username="tanaka", full_name="田中 一郎")
    assert user.get_full_name() == user.get_short_name() == "田中 一郎"


def test_there_are_no_first_and_last_names():
    assert not {"first_name", "last_name"} & {field.name for field in User._meta.get_fields()}


def test_a_new_account_reads_english_and_lives_at_headquarters():
    assert (User().language, User().time_zone, User().is_staff) == ("en", "Asia/Shanghai", False)


@pytest.mark.parametrize("name", ["username", "full_name", "email"])
@pytest.mark.django_db
def test_nul_is_refused_at_its_field(name):
    user = User(**{"username": "tanaka", name: "a\x00b"})
    with pytest.raises(ValidationError) as caught:
        user.full_clean(exclude=["password"])
    assert name in caught.value.error_dict


@pytest.mark.parametrize(
    ("field", "value"), [("language", "de"), ("time_zone", "Asia/Atlantis"), ("work_country", "XX")]
)
@pytest.mark.django_db
def test_what_is_not_offered_is_refused(field, value):
    with pytest.raises(ValidationError) as caught:
        User(**{"username": "tanaka", field: value}).full_clean(exclude=["password"])
    assert list(caught.value.error_dict) == [field]


def test_the_everyday_time_zones_come_first_and_once():
    zones = [zone for zone, _label in time_zone_choices()]
    assert zones[:3] == ["Asia/Shanghai", "Asia/Tokyo", "UTC"]
    assert len(set(zones)) == len(zones)
    assert not [zone for zone in zones if zone.startswith("Etc/")]


def test_a_time_zone_is_shown_without_underscores():
    assert dict(time_zone_choices())["America/New_York"] == "America/New York"


@pytest.mark.django_db
def test_who_has_records_cannot_be_deleted():
    lead = LeadFactory()
    with pytest.raises(ProtectedError):
        lead.owner.delete()


@pytest.mark.django_db
def test_users_are_listed_by_user_name():
    UserFactory(username="b")
    UserFactory(username="a")
    assert [user.username for user in User.objects.all()] == ["a", "b"]
