"""Personal API tokens."""

import datetime

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.utils import timezone

from core import access
from core.tokens import LONGEST, ApiToken, digest
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def issue(user=None, **fields):
    return ApiToken.issue(user or UserFactory(), "reporting", **fields)


def ago(**duration):
    return timezone.now() - datetime.timedelta(**duration)


def test_the_secret_is_not_stored():
    token, secret = issue()
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in [str(value) for value in stored.values()]
    assert stored["digest"] == digest(secret)


def test_the_beginning_is_kept_for_recognition():
    token, secret = issue()
    assert secret.startswith("lsn_")
    assert token.prefix == secret[:10]
    assert str(token) == f"reporting ({secret[:10]}…)"


def test_no_two_tokens_are_alike():
    assert len({issue()[1] for _token in range(5)}) == 5


def test_a_secret_is_long_enough_not_to_be_guessed():
    assert len(issue()[1].removeprefix("lsn_")) >= 43


def test_a_token_reads_and_does_not_export_unless_told_otherwise():
    token, _secret = issue()
    assert (token.scope, token.may_export) == ("read", False)


def test_a_token_is_found_by_its_secret():
    token, secret = issue()
    assert ApiToken.find(secret) == token


@pytest.mark.parametrize(
    "change", [str.upper, lambda secret: secret[:-1], lambda secret: secret + "x", lambda secret: ""]
)
def test_a_wrong_secret_finds_nothing(change):
    _token, secret = issue()
    assert ApiToken.find(change(secret)) is None


def test_the_digest_is_no_secret():
    token, _secret = issue()
    assert ApiToken.find(token.digest) is None


@pytest.mark.parametrize(
    "fields", [{"revoked_at": ago(seconds=1)}, {"expires_at": ago(seconds=1)}], ids=["revoked", "expired"]
)
def test_a_token_that_has_ended_finds_nothing(fields):
    token, secret = issue()
    ApiToken.objects.filter(pk=token.pk).update(**fields)
    assert ApiToken.find(secret) is None


def test_the_token_of_a_deactivated_account_finds_nothing():
    token, secret = issue()
    token.user.is_active = False
    token.user.save()
    assert ApiToken.find(secret) is None


def test_a_token_lives_for_ninety_days_by_default():
    token, _secret = issue()
    assert token.expires_at - token.created_at == pytest.approx(
        datetime.timedelta(days=90), abs=datetime.timedelta(minutes=1)
    )


def test_a_token_lives_for_a_year_at_most():
    with pytest.raises(ValidationError) as caught:
        issue(expires_at=timezone.now() + LONGEST + datetime.timedelta(days=1))
    assert caught.value.error_dict["expires_at"][0].code == "too_long"
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("fields", [{"scope": "root"}, {"name": ""}, {"name": "a\x00b"}])
def test_a_token_is_checked_before_it_is_stored(fields):
    with pytest.raises(ValidationError):
        ApiToken.issue(UserFactory(), **{"name": "reporting", **fields})


def test_everybody_reaches_their_own_tokens(officer, stranger):
    mine, _secret = issue(officer)
    issue(stranger)
    assert list(access.scoped(officer, ApiToken)) == [mine]


def test_who_manages_accounts_reaches_all_tokens(director, officer):
    token, _secret = issue(officer)
    assert list(access.scoped(director, ApiToken, "change")) == [token]


@pytest.mark.parametrize(
    ("fields", "scopes"),
    [
        ({}, ["read"]),
        ({"may_export": True}, ["read", "export"]),
        ({"scope": "write"}, ["read", "write"]),
        ({"scope": "write", "may_export": True}, ["read", "write", "export"]),
    ],
)
def test_a_token_has_up_to_three_scopes(fields, scopes):
    assert issue(**fields)[0].scopes == scopes


def test_a_token_that_has_run_out_already_is_not_made():
    with pytest.raises(ValidationError) as caught:
        issue(expires_at=ago(seconds=1))
    assert caught.value.error_dict["expires_at"][0].code == "past"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "active"),
        ({"expires_at": ago(seconds=1)}, "expired"),
        ({"revoked_at": ago(seconds=1)}, "revoked"),
        ({"revoked_at": ago(seconds=1), "leaked": True}, "leaked"),
        ({"revoked_at": ago(seconds=1), "expires_at": ago(seconds=1)}, "revoked"),
    ],
)
def test_a_token_says_how_it_stands(change, state):
    token, _secret = issue()
    ApiToken.objects.filter(pk=token.pk).update(**change)
    token = ApiToken.objects.get(pk=token.pk)
    assert (token.state, token.is_valid) == (state, state == "active")


def test_a_token_rests_while_its_account_does():
    token, _secret = issue()
    token.user.is_active = False
    assert (token.state, token.is_valid) == ("resting", False)


def test_all_tokens_of_a_user_are_revoked_at_once(officer, stranger):
    secrets = [issue(officer)[1] for _token in range(3)]
    _token, other = issue(stranger)
    assert ApiToken.objects.filter(user=officer).revoke() == 3
    assert [ApiToken.find(secret) for secret in secrets] == [None] * 3
    assert ApiToken.find(other) is not None
    assert ApiToken.objects.filter(user=officer).revoke() == 0


def test_each_revocation_is_in_the_history(officer):
    token, _secret = issue(officer)
    ApiToken.objects.filter(user=officer).revoke()
    entry = LogEntry.objects.get_for_object(token).order_by("-pk").first()
    assert set(entry.changes) == {"revoked_at"}
