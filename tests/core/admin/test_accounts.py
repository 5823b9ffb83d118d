"""Accounts, roles, API tokens and logs on the staff site."""

import datetime

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from core.accounts import User
from core.admin.links import add_url, change_url, list_url
from core.exports_log import ExportLog
from core.tokens import ApiToken
from tests.factories import OrganizationFactory, UserFactory
from tests.pages import record_form

pytestmark = pytest.mark.django_db


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_the_director_makes_an_account_with_a_role(director, logged_in):
    client, role = logged_in(director), Group.objects.get(name="Officer")
    values = record_form(
        client, add_url(User), username="tanaka", full_name="田中 一郎", is_staff="on", groups=[role.pk],
        usable_password="true", password1="correct horse battery", password2="correct horse battery",
    )  # fmt: skip
    assert client.post(add_url(User), values).status_code == 302
    user = User.objects.get(username="tanaka")
    assert (user.full_name, list(user.groups.all()), user.check_password("correct horse battery")) == (
        "田中 一郎",
        [role],
        True,
    )


@pytest.mark.parametrize("password", ["12345678", "password", "short", "tanaka-tanaka"])
def test_a_weak_password_is_refused(password, director, logged_in):
    client = logged_in(director)
    values = record_form(
        client, add_url(User), username="tanaka-tanaka", usable_password="true", password1=password, password2=password
    )
    assert client.post(add_url(User), values).status_code == 200
    assert not User.objects.filter(username="tanaka-tanaka").exists()


def test_colleagues_see_who_somebody_is_and_nothing_more(officer, logged_in):
    colleague = UserFactory(username="tanaka", full_name="田中 一郎", email="tanaka@example.org", role="Director")
    response = logged_in(officer).get(change_url(colleague))
    text = response.content.decode()
    assert [word in text for word in ("田中 一郎", "tanaka@example.org")] == [True, True]
    assert [word in text for word in (colleague.password, "Last login", "Groups", "Superuser")] == [False] * 4


@pytest.mark.parametrize("lookup", ["is_superuser", "last_login__isnull", "groups__id__exact", "password__startswith"])
def test_colleagues_do_not_find_out_by_filtering(lookup, officer, logged_in):
    assert logged_in(officer).get(list_url(User), {lookup: "1"}).status_code == 400


def test_colleagues_are_found_by_name(officer, logged_in):
    UserFactory(username="tanaka", full_name="田中 一郎")
    response = logged_in(officer).get(list_url(User), {"q": "田中"})
    assert [user.username for user in response.context["cl"].result_list] == ["tanaka"]


def test_colleagues_change_nothing(officer, logged_in):
    colleague = UserFactory(username="tanaka")
    assert logged_in(officer).post(change_url(colleague), {"username": "x"}).status_code == 403
    assert User.objects.get(pk=colleague.pk).username == "tanaka"


@pytest.mark.parametrize("url", [add_url(User), add_url(Group)])
def test_officers_make_neither_accounts_nor_roles(url, officer, logged_in):
    assert logged_in(officer).get(url).status_code == 403


def test_the_director_cannot_make_a_superuser(director, logged_in):
    user, client = UserFactory(), logged_in(director)
    client.post(change_url(user), record_form(client, change_url(user), is_superuser="on", full_name="renamed"))
    user.refresh_from_db()
    assert (user.full_name, user.is_superuser) == ("renamed", False)


def test_the_director_does_not_touch_a_superuser(director, logged_in):
    superuser = UserFactory(is_superuser=True, password="old passphrase", full_name="root")
    client = logged_in(director)
    password = reverse("admin:auth_user_password_change", args=[superuser.pk])
    new = {"password1": "a new passphrase", "password2": "a new passphrase", "usable_password": "true"}
    assert client.post(password, new).status_code == 403
    assert client.post(change_url(superuser), {"username": "x", "is_active": ""}).status_code == 403
    superuser.refresh_from_db()
    assert (superuser.full_name, superuser.check_password("old passphrase")) == ("root", True)


def test_a_superuser_makes_superusers(logged_in):
    user, client = UserFactory(), logged_in(UserFactory(is_superuser=True))
    client.post(change_url(user), record_form(client, change_url(user), is_superuser="on"))
    assert User.objects.get(pk=user.pk).is_superuser


def test_the_director_sets_a_password(director, logged_in):
    user, client = UserFactory(), logged_in(director)
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    client.post(address, {"password1": "a new passphrase", "password2": "a new passphrase", "usable_password": "true"})
    assert User.objects.get(pk=user.pk).check_password("a new passphrase")


def test_deactivation_ends_the_session(officer, director, logged_in):
    client, head = logged_in(officer), logged_in(director)
    assert client.get(reverse("admin:index")).status_code == 200
    values = record_form(head, change_url(officer))
    values.pop("is_active")
    head.post(change_url(officer), values)
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_page_of_an_account_names_no_password(director, logged_in):
    user = UserFactory(password="a passphrase")
    assert user.password not in logged_in(director).get(change_url(user)).content.decode()


# -- roles ------------------------------------------------------------------------------------------------------------


def test_the_director_reads_roles_and_changes_none(director, logged_in):
    role, client = Group.objects.get(name="Officer"), logged_in(director)
    assert client.get(list_url(Group)).context["cl"].result_count == 6
    assert client.get(change_url(role)).status_code == 200
    assert client.post(change_url(role), {"name": "x", "permissions": []}).status_code == 403
    assert Group.objects.get(name="Officer").permissions.exists()


def test_officers_do_not_see_roles(officer, logged_in):
    assert logged_in(officer).get(list_url(Group)).status_code == 403


# -- tokens -----------------------------------------------------------------------------------------------------------


def new_token(client, **changes):
    return client.post(add_url(ApiToken), record_form(client, add_url(ApiToken), name="reporting", **changes))


def test_a_token_is_shown_once(officer, logged_in):
    client = logged_in(officer)
    response = new_token(client)
    secret, token = response.context["secret"], ApiToken.objects.get()
    assert (ApiToken.find(secret), token.user, token.scope) == (token, officer, "read")
    assert "no-store" in response["Cache-Control"]
    for url in (change_url(token), list_url(ApiToken)):
        text = client.get(url).content.decode()
        assert (token.prefix in text, secret in text, token.digest in text) == (True, False, False)


def test_a_token_is_made_for_oneself(officer, stranger, logged_in):
    new_token(logged_in(officer), user=stranger.pk)
    assert ApiToken.objects.get().user == officer


def test_the_director_makes_tokens_for_programs(director, logged_in):
    program = UserFactory(username="erp", role="Integration", is_staff=False)
    new_token(logged_in(director), user=program.pk)
    assert ApiToken.objects.get().user == program


def test_the_director_makes_no_token_that_acts_as_a_superuser(director, logged_in):
    superuser = UserFactory(is_superuser=True)
    response = new_token(logged_in(director), user=superuser.pk)
    assert "user" in response.context["adminform"].form.errors
    assert not ApiToken.objects.exists()


def test_a_token_lives_for_a_year_at_most(officer, logged_in):
    later = timezone.now() + datetime.timedelta(days=400)
    response = new_token(logged_in(officer), expires_at_0=later.date().isoformat(), expires_at_1="00:00")
    assert "expires_at" in response.context["adminform"].form.errors
    assert not ApiToken.objects.exists()


def test_a_token_is_not_edited(officer, logged_in):
    token, _secret = ApiToken.issue(officer, "reporting")
    client = logged_in(officer)
    assert list(client.get(change_url(token)).context["adminform"].form.fields) == []
    assert client.post(change_url(token), {"name": "x", "scope": "write", "may_export": "on"}).status_code == 403
    token = ApiToken.objects.get(pk=token.pk)
    assert (token.name, token.scope, token.may_export) == ("reporting", "read", False)


def revoke_url(token):
    return reverse("admin:core_apitoken_revoke", args=[token.pk])


def test_a_revoked_token_no_longer_works(officer, logged_in):
    token, secret = ApiToken.issue(officer, "reporting")
    client = logged_in(officer)
    assert [str(action["label"]) for action in client.get(change_url(token)).context["actions"]] == ["Revoke"]
    assert client.post(revoke_url(token)).status_code == 302
    assert ApiToken.find(secret) is None
    assert "actions" not in client.get(change_url(token)).context


def test_revoking_twice_keeps_the_first_time(officer, logged_in):
    token, _secret = ApiToken.issue(officer, "reporting")
    client = logged_in(officer)
    client.post(revoke_url(token))
    first = ApiToken.objects.get().revoked_at
    client.post(revoke_url(token))
    assert ApiToken.objects.get().revoked_at == first


def test_looking_does_not_revoke(officer, logged_in):
    token, secret = ApiToken.issue(officer, "reporting")
    assert logged_in(officer).get(revoke_url(token)).status_code in (403, 405)
    assert ApiToken.find(secret) == token


def test_tokens_of_others_do_not_exist(officer, stranger, logged_in):
    token, secret = ApiToken.issue(officer, "reporting")
    client = logged_in(stranger)
    assert client.get(list_url(ApiToken)).context["cl"].result_count == 0
    assert client.get(change_url(token)).status_code == 404
    answers = [client.post(revoke_url(one)).status_code for one in (token, ApiToken(pk=999_999))]
    assert answers[0] == answers[1] != 302
    assert ApiToken.find(secret) == token


def test_the_director_revokes_tokens_of_others(officer, director, logged_in):
    token, secret = ApiToken.issue(officer, "reporting")
    logged_in(director).post(revoke_url(token))
    assert ApiToken.find(secret) is None


def revoke_all_url(user):
    return reverse("admin:core_apitoken_revoke_all", args=[user.pk])


def test_all_tokens_of_ones_own_are_revoked_after_a_question(officer, logged_in):
    secrets = [ApiToken.issue(officer, f"program {number}")[1] for number in range(2)]
    client = logged_in(officer)
    assert revoke_all_url(officer) in client.get(list_url(ApiToken)).content.decode()
    assert "2 tokens of officer" in client.get(revoke_all_url(officer)).content.decode()
    assert [ApiToken.find(secret) is None for secret in secrets] == [False, False]
    assert client.post(revoke_all_url(officer)).url == list_url(ApiToken)
    assert [ApiToken.find(secret) is None for secret in secrets] == [True, True]


def test_the_director_revokes_all_tokens_of_somebody(officer, director, logged_in):
    _token, secret = ApiToken.issue(officer, "reporting")
    client = logged_in(director)
    assert revoke_all_url(officer) in client.get(change_url(officer)).content.decode()
    assert client.post(revoke_all_url(officer)).url == change_url(officer)
    assert ApiToken.find(secret) is None


@pytest.mark.parametrize("user", ["stranger", "auditor", "nobody"])
def test_others_do_not_revoke_all_tokens_of_somebody(user, officer, request, logged_in):
    _token, secret = ApiToken.issue(officer, "reporting")
    client = logged_in(request.getfixturevalue(user))
    answers = [client.post(revoke_all_url(account)).status_code for account in (officer, User(pk=999_999))]
    assert answers == [403, 403]
    assert ApiToken.find(secret) is not None


def test_the_director_does_not_revoke_a_superusers_tokens(director, logged_in):
    superuser = UserFactory(is_superuser=True)
    _token, secret = ApiToken.issue(superuser, "root")
    assert logged_in(director).post(revoke_all_url(superuser)).status_code == 403
    assert ApiToken.find(secret) is not None


def test_the_list_tells_how_a_token_stands_and_was_used(officer, logged_in):
    token, _secret = ApiToken.issue(officer, "reporting", scope="write")
    ApiToken.objects.update(last_used_at=timezone.now(), last_used_address="198.51.100.5")
    text = logged_in(officer).get(list_url(ApiToken)).content.decode()
    assert [word in text for word in (token.prefix, "read, write", "198.51.100.5", "Active")] == [True] * 4


def test_the_auditor_has_no_tokens(auditor, logged_in):
    assert logged_in(auditor).get(list_url(ApiToken)).status_code == 403


# -- logs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["director", "auditor"])
def test_logs_are_read_and_never_written(user, request, logged_in):
    OrganizationFactory()
    export = ExportLog.objects.create(user_name="x", resource="leads", format="csv")
    client = logged_in(request.getfixturevalue(user))
    for log in (LogEntry.objects.first(), export):
        assert client.get(change_url(log)).status_code == 200
        assert client.post(change_url(log), {"user_name": "y"}).status_code == 403
        assert client.post(change_url(log).replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert client.get(add_url(type(log))).status_code == 403


def test_the_page_of_an_entry_tells_what_it_is_about(auditor, logged_in):
    entry = LogEntry.objects.get_for_object(OrganizationFactory(name="日本電気")).first()
    text = logged_in(auditor).get(change_url(entry)).content.decode()
    assert [word in text for word in ("日本電気", "organization")] == [True, True]


@pytest.mark.parametrize("model", [LogEntry, ExportLog])
def test_officers_do_not_see_logs(model, officer, logged_in):
    assert logged_in(officer).get(list_url(model)).status_code == 403


def test_the_log_of_exports_shows_ones_own_and_to_overseers_all(officer, stranger, director, auditor, logged_in):
    officer.user_permissions.add(Permission.objects.get(codename="view_exportlog"))
    for user in (officer, stranger):
        ExportLog.objects.create(user=user, user_name=str(user), resource="leads", format="csv")
    shown = {
        user.username: [log.user.username for log in logged_in(user).get(list_url(ExportLog)).context["cl"].result_list]
        for user in (officer, director, auditor)
    }
    assert shown == {"officer": ["officer"], "director": ["stranger", "officer"], "auditor": ["stranger", "officer"]}


def test_the_export_of_somebody_else_does_not_exist(officer, stranger, logged_in):
    officer.user_permissions.add(Permission.objects.get(codename="view_exportlog"))
    log = ExportLog.objects.create(user=stranger, user_name="stranger", resource="leads", format="csv")
    assert logged_in(officer).get(change_url(log)).status_code == 404


# -- history ----------------------------------------------------------------------------------------------------------


def history_url(record):
    return change_url(record).replace("/change/", "/history/")


def test_the_director_reads_what_was_changed_on_an_account(director, logged_in):
    user = UserFactory(full_name="old")
    user.full_name = "new"
    user.save()
    text = logged_in(director).get(history_url(user)).content.decode()
    assert [word in text for word in ("Full name", "old", "new", user.password)] == [True, True, True, False]


@pytest.mark.parametrize(("user", "shown"), [("director", True), ("officer", False), ("auditor", False)])
def test_colleagues_do_not_read_the_history_of_an_account(user, shown, request, logged_in):
    client, colleague = logged_in(request.getfixturevalue(user)), UserFactory()
    assert client.get(history_url(colleague)).status_code == (200 if shown else 403)
    assert (history_url(colleague) in client.get(change_url(colleague)).content.decode()) is shown


def test_a_log_has_no_history(auditor, logged_in):
    OrganizationFactory()
    entry, client = LogEntry.objects.first(), logged_in(auditor)
    assert client.get(history_url(entry)).status_code == 403
    assert history_url(entry) not in client.get(change_url(entry)).content.decode()
