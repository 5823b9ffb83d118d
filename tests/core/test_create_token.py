"""`manage.py create_token`"""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.tokens import ApiToken


def create_token(*arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_token_is_all_that_is_printed_and_is_not_stored(officer):
    out, err = create_token("officer", "--name", "ERP")
    token = ApiToken.objects.get()
    assert ApiToken.find(out.strip()) == token
    assert (token.user, token.name, token.scope, token.may_export) == (officer, "ERP", "write", True)
    assert token.expires_at - timezone.now() > datetime.timedelta(days=89)
    assert out.strip() not in err
    assert "not shown again" in err


def test_rights_and_duration_can_be_narrowed(officer):
    create_token("officer", "--name", "ERP", "--scope", "read", "--no-export", "--days", "2")
    token = ApiToken.objects.get()
    assert token.scopes == ["read"]
    assert token.expires_at - timezone.now() < datetime.timedelta(days=2, seconds=1)


@pytest.mark.parametrize("days", ["0", "-1", "367", "999999999999"])
def test_a_token_is_valid_for_at_most_a_year(officer, days):
    with pytest.raises(CommandError, match="1 to 366"):
        create_token("officer", "--days", days)
    assert not ApiToken.objects.exists()


@pytest.mark.django_db
def test_there_must_be_such_a_user():
    with pytest.raises(CommandError, match="'ghost'"):
        create_token("ghost")


def test_a_user_who_left_gets_no_token(officer):
    officer.is_active = False
    officer.save()
    with pytest.raises(CommandError, match="active"):
        create_token("officer")


def test_a_name_must_fit(officer):
    with pytest.raises(CommandError, match="100"):
        create_token("officer", "--name", "x" * 101)


def test_all_tokens_of_a_user_are_revoked(officer, stranger):
    for name in ("officer", "officer", "stranger"):
        create_token(name)
    out = io.StringIO()
    call_command("revoke_tokens", "officer", stdout=out)
    assert out.getvalue() == "Revoked: 2.\n"
    assert [token.is_valid for token in ApiToken.objects.order_by("user__username")] == [False, False, True]


@pytest.mark.django_db
def test_nobody_is_revoked_who_does_not_exist():
    with pytest.raises(CommandError, match="'ghost'"):
        call_command("revoke_tokens", "ghost")
