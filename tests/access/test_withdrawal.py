"""What is taken away is gone with the next request: pages with an open session, the API by session and by token, files,
exports."""

import logging

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.utils import timezone

from core.accounts import User
from core.tokens import ApiToken
from crm.models import StationMembership
from tests.access.world import plain
from tests.core.api.calling import Caller
from tests.factories import ContractFactory, MembershipFactory, UserFactory
from tests.pages import record_form, record_page

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.timedelta(days=-1)


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def contract(tokyo_station):
    contract = ContractFactory(station=tokyo_station, title="Geheimsache")
    contract.file.save("contract.pdf", ContentFile(b"%PDF-1.4 Geheimsache"))
    return contract


@pytest.fixture
def token(officer):
    return ApiToken.issue(officer, "reporting", scope="write", may_export=True)


@pytest.fixture
def doors(officer, contract, token, logged_in):
    """`doors()` answers, by its name, what comes through each door that the officer has open."""
    client, caller = logged_in(officer), Caller(token[1])
    addresses = {
        "page": (client, record_page(contract, "change")),
        "list": (client, "/admin/projects/contract/"),
        "export": (client, "/admin/projects/contract/export/"),
        "api by session": (client, f"/api/v1/contracts/{contract.pk}/"),
        "api export by session": (client, "/api/v1/contracts/?format=csv"),
        "file by session": (client, f"/files/{contract.file.name}"),
        "api by token": (caller, f"/api/v1/contracts/{contract.pk}/"),
        "api list by token": (caller, "/api/v1/contracts/"),
        "api export by token": (caller, "/api/v1/contracts/?format=csv"),
        "file by token": (caller, f"/files/{contract.file.name}"),
    }

    def look():
        return {name: came_through(reader.get(address)) for name, (reader, address) in addresses.items()}

    assert all(look().values()), look()  # each is open at first
    return look


def came_through(response):
    text = b"".join(response) if response.streaming else response.content
    return "Geheimsache" in plain(text.decode("utf-8", errors="replace"))


BY_SESSION = {"page", "list", "export", "api by session", "api export by session", "file by session"}
BY_TOKEN = {"api by token", "api list by token", "api export by token", "file by token"}
EXPORTS = {"export", "api export by session", "api export by token"}


def take_the_role(officer, **_):
    officer.groups.clear()


def take_the_right_from_the_role(officer, **_):
    Group.objects.get(name="Officer").permissions.remove(Permission.objects.get(codename="view_contract"))


def end_the_membership(officer, **_):
    membership = StationMembership.objects.get(user=officer)
    membership.ends_on = timezone.localdate() + YESTERDAY
    membership.save()


def remove_the_membership(officer, **_):
    StationMembership.objects.get(user=officer).delete()


def close_the_account(officer, **_):
    officer.is_active = False
    officer.save()


@pytest.mark.parametrize(
    "taking",
    [take_the_role, end_the_membership, remove_the_membership, close_the_account],
)
def test_every_door_is_shut_at_once(taking, officer, doors):
    taking(officer)
    assert not any(doors().values())


def test_a_right_taken_from_the_role_shuts_what_asks_for_it(officer, doors):
    take_the_right_from_the_role(officer)
    assert {name for name, is_open in doors().items() if is_open} <= EXPORTS  # which is a right of its own


def test_the_export_right_taken_from_the_role_ends_exports_alone(officer, doors):
    Group.objects.get(name="Officer").permissions.remove(Permission.objects.get(codename="export_contract"))
    assert {name for name, is_open in doors().items() if not is_open} == EXPORTS


def test_who_leaves_the_staff_loses_pages_and_tokens(officer, doors, token):
    officer.is_staff = False
    officer.save()
    assert not any(doors().values())
    assert ApiToken.objects.get(pk=token[0].pk).revoked_at is not None


def test_a_revoked_token_shuts_its_own_doors(doors, token):
    token[0].revoke()
    assert {name for name, is_open in doors().items() if not is_open} == BY_TOKEN


def test_an_expired_token_shuts_its_own_doors(doors, token):
    ApiToken.objects.filter(pk=token[0].pk).update(expires_at=timezone.now() + YESTERDAY)
    assert {name for name, is_open in doors().items() if not is_open} == BY_TOKEN


def test_the_director_shuts_the_doors_on_the_page_of_the_account(officer, director, doors, logged_in):
    client, address = logged_in(director), record_page(officer, "change")
    assert client.post(address, record_form(client, address, groups=[])).status_code == 302
    assert not any(doors().values())


def test_a_membership_elsewhere_opens_nothing(officer, osaka_station, doors):
    remove_the_membership(officer)
    MembershipFactory(station=osaka_station, user=officer)
    assert not any(doors().values())


def test_saving_an_account_ends_no_token(officer, token):
    officer.full_name = "田中 一郎"
    officer.save()
    assert ApiToken.find(token[1])


def test_a_program_which_never_was_staff_keeps_its_tokens():
    program = UserFactory(username="erp", role="Integration", is_staff=False)
    _token, secret = ApiToken.issue(program, "nightly")
    program.full_name = "ERP"
    program.save()
    assert ApiToken.find(secret)


def test_noting_a_login_is_no_leaving_of_the_staff(officer, token):
    """It happens at each login and changes one field."""
    user = User.objects.get(pk=officer.pk)
    user.is_staff = False
    user.save(update_fields=["last_login"])
    assert ApiToken.find(token[1])
