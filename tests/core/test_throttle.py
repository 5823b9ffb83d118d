"""Guessing passwords and tokens is slowed down, wherever it is tried, and locks nobody else out."""

import datetime
import secrets

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from core import throttle
from core.addresses import network
from core.signins import SignIn
from core.throttle import PER_ACCOUNT, PER_ACCOUNT_AND_ADDRESS, PER_ADDRESS, TOKENS_PER_ADDRESS, Lock
from core.tokens import MARK, ApiToken
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
HERE, THERE = "198.51.100.5", "203.0.113.9"
LOGIN = reverse("admin:login")


@pytest.fixture
def person(db):
    return UserFactory(username="tanaka", password=PASSWORD, role="Officer")


def log_in(username="tanaka", password=PASSWORD, address=HERE, **headers):
    return Client(REMOTE_ADDR=address, headers=headers).post(LOGIN, {"username": username, "password": password})


def fail(times, username="tanaka", address=HERE, **headers):
    """The status of the last answer."""
    return [log_in(username, "wrong", address, **headers).status_code for _time in range(times)][-1]


def later(**duration):
    """Time passes: everything that was counted was counted that much earlier."""
    for attempt in AccessAttempt.objects.all():
        moment = attempt.attempt_time - datetime.timedelta(**duration)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=moment)


# -- an account from an address ---------------------------------------------------------------------------------------


def test_the_right_password_comes_in_after_a_few_wrong_ones(person):
    assert fail(PER_ACCOUNT_AND_ADDRESS - 1) == 200
    assert log_in().status_code == 302


def test_after_too_many_wrong_passwords_the_right_one_is_refused_too(person):
    assert fail(PER_ACCOUNT_AND_ADDRESS) == 429
    response = log_in()
    assert response.status_code == 429
    assert 14 * 60 <= int(response["Retry-After"]) <= 15 * 60
    assert "15 minutes" in response.content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "Try again in 15 minutes"), ("zh-hans", "15"), ("ja", "15")])
def test_the_answer_says_when_to_try_again_in_the_readers_language(language, words, person):
    fail(PER_ACCOUNT_AND_ADDRESS)
    response = log_in(**{"Accept-Language": language})
    with translation.override(language):
        assert throttle.locked_text(timezone.now() + datetime.timedelta(minutes=15)) in response.content.decode()
    assert words in response.content.decode()


def test_a_lock_ends_by_itself(person):
    fail(PER_ACCOUNT_AND_ADDRESS)
    later(minutes=14)
    assert log_in().status_code == 429
    later(minutes=1)
    assert log_in().status_code == 302


def test_tries_during_a_lock_do_not_prolong_it(person):
    fail(PER_ACCOUNT_AND_ADDRESS)
    later(minutes=14)
    fail(5)
    later(minutes=1)
    assert log_in().status_code == 302


def test_the_right_password_forgives_the_wrong_ones_before(person):
    fail(PER_ACCOUNT_AND_ADDRESS - 1)
    log_in()
    assert fail(PER_ACCOUNT_AND_ADDRESS - 1) == 200


def test_another_browser_is_no_way_around(person):
    for number in range(PER_ACCOUNT_AND_ADDRESS):
        fail(1, **{"User-Agent": f"browser {number}", "Cookie": f"x={number}"})
    assert log_in().status_code == 429


def test_others_at_the_same_address_keep_working(person):
    UserFactory(username="suzuki", password=PASSWORD, role="Officer")
    fail(PER_ACCOUNT_AND_ADDRESS)
    assert log_in("suzuki").status_code == 302


# -- an account from many addresses -----------------------------------------------------------------------------------


def spread(failures, username="tanaka"):
    """Failures from as many addresses as it takes to stay below the limit of each."""
    for number in range(failures):
        fail(1, username, f"192.0.2.{number // (PER_ACCOUNT_AND_ADDRESS - 1) + 1}")


def test_many_addresses_together_lock_an_account(person):
    spread(PER_ACCOUNT)
    assert log_in(address=THERE).status_code == 429


def test_one_address_alone_does_not_lock_an_account_for_others(person):
    fail(PER_ACCOUNT + 10)
    assert log_in(address=THERE).status_code == 302


def test_who_signed_in_from_there_lately_keeps_working(person):
    log_in(address=THERE)
    spread(PER_ACCOUNT)
    assert log_in(address="192.0.2.200").status_code == 429
    assert log_in(address=THERE).status_code == 302


def test_a_known_address_is_limited_like_every_other(person):
    log_in(address=THERE)
    spread(PER_ACCOUNT)
    assert fail(PER_ACCOUNT_AND_ADDRESS, address=THERE) == 429


# -- an address -------------------------------------------------------------------------------------------------------


def test_one_address_cannot_try_many_accounts(person):
    for number in range(PER_ADDRESS):
        fail(1, f"user{number}")
    assert log_in().status_code == 429
    assert log_in(address=THERE).status_code == 302


def test_an_account_of_ones_own_is_no_way_to_go_on_guessing(person):
    UserFactory(username="insider", password=PASSWORD, role="Officer")
    for _round in range(3):
        fail(PER_ACCOUNT_AND_ADDRESS // 3)
        log_in("insider")
    assert fail(1) == 429


def test_addresses_of_one_network_are_one_party(person, settings):
    for number in range(PER_ACCOUNT_AND_ADDRESS):
        fail(1, address=f"2001:db8:1:2::{number + 1:x}")
    assert log_in(address="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in(address="2001:db8:1:3::1").status_code == 302


# -- forged addresses -------------------------------------------------------------------------------------------------


def forged(proxies, number, address=HERE):
    """What arrives when a caller writes X-Forwarded-For and our proxies append what they see."""
    claimed = [f"203.0.113.{number}", f"10.0.0.{number}"]
    return ", ".join([*claimed, *([address, "10.9.9.9"][:proxies] if proxies else [])])


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_a_forged_address_is_no_way_around(proxies, person, settings):
    settings.TRUSTED_PROXIES = proxies
    server = HERE if proxies == 0 else "127.0.0.1"
    for number in range(PER_ACCOUNT_AND_ADDRESS):
        fail(1, address=server, **{"X-Forwarded-For": forged(proxies, number), "X-Real-IP": f"10.0.1.{number}",
                                   "Forwarded": f"for=10.0.2.{number}"})  # fmt: skip
    assert log_in(address=server, **{"X-Forwarded-For": forged(proxies, 99)}).status_code == 429
    assert {row.ip_address for row in AccessAttempt.objects.all()} == {HERE}


@pytest.mark.parametrize("proxies", [1, 2])
def test_behind_proxies_callers_are_told_apart(proxies, person, settings):
    settings.TRUSTED_PROXIES = proxies
    for _try in range(PER_ACCOUNT_AND_ADDRESS):
        fail(1, address="127.0.0.1", **{"X-Forwarded-For": forged(proxies, 1)})
    assert log_in(address="127.0.0.1", **{"X-Forwarded-For": forged(proxies, 1, THERE)}).status_code == 302


def test_nobody_is_locked_out_in_the_name_of_another_address(person):
    fail(PER_ACCOUNT_AND_ADDRESS, address=HERE, **{"X-Forwarded-For": THERE})
    assert log_in(address=THERE).status_code == 302


# -- which accounts there are -----------------------------------------------------------------------------------------


def texts(username, tries):
    """What the answers say, but for the name that was typed and what differs in every page."""
    answers = []
    for _try in range(tries):
        response = log_in(username, "wrong")
        errors = [str(error) for error in response.context["form"].non_field_errors()] if response.context else []
        answers.append((response.status_code, response.get("Retry-After") is not None, errors))
    return answers


def test_accounts_cannot_be_told_from_names_that_do_not_exist(person):
    UserFactory(username="leaver", password=PASSWORD, is_active=False)
    UserFactory(username="erp", password=PASSWORD, is_staff=False)
    UserFactory(username="unusable")
    tries = PER_ACCOUNT_AND_ADDRESS + 2
    answers = {name: texts(name, tries) for name in ("tanaka", "leaver", "erp", "unusable")}
    assert set(map(str, answers.values())) == {str(texts("nobody-at-all", tries))}


@pytest.mark.parametrize("name", ["leaver", "erp"])
def test_the_right_password_of_an_account_that_may_not_come_in_is_like_a_wrong_one(name):
    UserFactory(username="leaver", password=PASSWORD, is_active=False)
    UserFactory(username="erp", password=PASSWORD, is_staff=False)
    right, wrong = log_in(name), log_in(name, "wrong")
    assert [str(e) for e in right.context["form"].errors.as_data()["__all__"]] == [
        str(e) for e in wrong.context["form"].errors.as_data()["__all__"]
    ]
    assert AccessAttempt.objects.get().failures_since_start == 2


def test_an_unknown_name_costs_as_much_work(person, monkeypatch):
    UserFactory(username="unusable")
    counted = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *args: counted.append(1) or encode(*args))
    work = {}
    for name in ("tanaka", "nobody-at-all", "unusable"):
        counted.clear()
        log_in(name, "wrong")
        work[name] = len(counted)
    assert len(set(work.values())) == 1
    assert work["tanaka"] >= 1


def test_what_was_typed_is_stored_nowhere(person):
    typed = "a passphrase in the wrong field"
    log_in(typed, "another secret")
    Client().post(
        f"{LOGIN}?next=/admin/%3Fx=my-secret", {"username": "tanaka", "password": "wrong", "more": "my-secret"}
    )
    stored = str(list(AccessAttempt.objects.values())) + str(list(SignIn.objects.values()))
    assert [secret in stored for secret in (typed, "another secret", "my-secret")] == [False] * 3


# -- the log ----------------------------------------------------------------------------------------------------------


def test_a_lock_is_written_down_once(person):
    SignIn.objects.all().delete()
    fail(PER_ACCOUNT_AND_ADDRESS + 5)
    kinds = list(SignIn.objects.values_list("kind", flat=True))
    assert (kinds.count("failed"), kinds.count("locked"), len(kinds)) == (10, 1, 11)


# -- the password page ------------------------------------------------------------------------------------------------


def change_password(client, old, new="another long passphrase"):
    return client.post(
        reverse("admin:password_change"), {"old_password": old, "new_password1": new, "new_password2": new}
    )


def test_the_old_password_cannot_be_guessed_on_an_open_screen(person):
    client = Client(REMOTE_ADDR=HERE)
    client.post(LOGIN, {"username": "tanaka", "password": PASSWORD})
    response = change_password(client, "wrong")
    assert (response.status_code, "old_password" in response.context["form"].errors) == (200, True)
    for _try in range(PER_ACCOUNT_AND_ADDRESS):
        response = change_password(client, "wrong")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert change_password(client, PASSWORD).status_code == 429
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_the_right_old_password_is_enough(person):
    client = Client(REMOTE_ADDR=HERE)
    client.post(LOGIN, {"username": "tanaka", "password": PASSWORD})
    assert change_password(client, PASSWORD).status_code == 302


# -- tokens -----------------------------------------------------------------------------------------------------------


def call(secret, address=HERE, path="/api/v1/organizations/"):
    return Client(REMOTE_ADDR=address).get(path, headers={"Authorization": f"Bearer {secret}"})


def guess(times, address=HERE, path="/api/v1/organizations/"):
    return [call(MARK + secrets.token_urlsafe(32), address, path) for _time in range(times)][-1]


@pytest.mark.parametrize("path", ["/api/v1/organizations/", "/api/v1/", "/api/v1/schema/", "/files/x/y.pdf"])
def test_tokens_cannot_be_tried_one_after_the_other(path):
    assert guess(TOKENS_PER_ADDRESS, path=path).status_code == 401
    response = guess(1, path=path)
    assert response.status_code == 429
    assert response.json()["type"] == "urn:liaison:problem:throttled"
    assert 14 * 60 <= int(response["Retry-After"]) <= 15 * 60
    assert guess(1, THERE, path).status_code == 401


def test_a_lock_on_tokens_ends_by_itself(officer):
    _token, secret = ApiToken.issue(officer, "erp")
    guess(TOKENS_PER_ADDRESS)
    assert call(secret).status_code == 429
    later(minutes=15)
    assert call(secret).status_code == 200


def test_a_program_that_works_there_already_is_not_stopped_by_its_neighbour(officer):
    _token, secret = ApiToken.issue(officer, "erp")
    call(secret)
    guess(TOKENS_PER_ADDRESS)
    assert call(secret).status_code == 200
    assert guess(1).status_code == 429


def test_a_token_that_has_run_out_is_no_guess(officer):
    _token, secret = ApiToken.issue(officer, "erp")
    ApiToken.objects.update(revoked_at=timezone.now())
    assert {call(secret).status_code for _try in range(TOKENS_PER_ADDRESS + 1)} == {401}
    assert not AccessAttempt.objects.exists()


def test_wrong_tokens_do_not_keep_people_from_signing_in(person):
    guess(TOKENS_PER_ADDRESS + 1)
    assert log_in().status_code == 302


def test_wrong_passwords_do_not_stop_programs(officer, person):
    _token, secret = ApiToken.issue(officer, "erp")
    for number in range(PER_ADDRESS):
        fail(1, f"user{number}")
    assert call(secret).status_code == 200


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_address_does_not_help_with_tokens(proxies, settings):
    settings.TRUSTED_PROXIES = proxies
    for number in range(TOKENS_PER_ADDRESS + 1):
        headers = {"Authorization": f"Bearer {MARK}{number}", "X-Forwarded-For": forged(proxies, number)}
        response = Client(REMOTE_ADDR=HERE).get("/api/v1/", headers=headers)
    assert response.status_code == 429


def test_the_api_knows_no_other_way_to_sign_in(person):
    """No path on which a password could be tried without being counted."""
    headers = {"Authorization": "Basic dGFuYWthOmEgbG9uZyBlbm91Z2ggcGFzc3BocmFzZQ=="}
    assert Client().get("/api/v1/organizations/", headers=headers).status_code == 401


# -- lifting ----------------------------------------------------------------------------------------------------------


def test_an_administrator_sees_and_lifts_a_lock(person, director, logged_in):
    fail(PER_ACCOUNT_AND_ADDRESS)
    client, page = logged_in(director), reverse("admin:core_user_locks")
    locks = client.get(page).context["locks"]
    assert [(lock.account, lock.address) for lock in locks] == [("tanaka", HERE)]
    assert "Lift the lock" in client.get(reverse("admin:core_user_change", args=[person.pk])).content.decode()
    client.post(page, {"account": "tanaka", "address": HERE})
    assert throttle.current_locks() == []
    assert log_in().status_code == 302
    event = SignIn.objects.get(kind=SignIn.Kind.UNLOCKED)
    assert (event.user, event.by_name, event.address) == (person, "director", HERE)


def test_officers_neither_see_nor_lift_locks(person, officer, logged_in):
    fail(PER_ACCOUNT_AND_ADDRESS)
    client, page = logged_in(officer), reverse("admin:core_user_locks")
    assert client.get(page).status_code == 403
    assert client.post(page, {"account": "tanaka", "address": HERE}).status_code == 403
    assert log_in().status_code == 429


def test_nothing_is_lifted_by_an_empty_form(person, director, logged_in):
    fail(PER_ACCOUNT_AND_ADDRESS)
    logged_in(director).post(reverse("admin:core_user_locks"))
    assert len(throttle.current_locks()) == 1


@pytest.mark.parametrize(
    "values", [{"account": "a\x00b"}, {"address": "a\x00b"}, {"address": "nonsense"}, {"account": "x"}]
)
def test_nonsense_lifts_nothing(values, person, director, logged_in):
    fail(PER_ACCOUNT_AND_ADDRESS)
    assert logged_in(director).post(reverse("admin:core_user_locks"), values).status_code == 302
    assert len(throttle.current_locks()) == 1


def test_locks_on_names_that_do_not_exist_are_not_shown(director):
    fail(PER_ACCOUNT_AND_ADDRESS, "nobody-at-all")
    assert throttle.current_locks() == []


@pytest.mark.parametrize("options", [{"user": "tanaka"}, {"address": HERE}, {"user": "tanaka", "address": HERE}])
def test_a_lock_is_lifted_on_the_command_line(options, person):
    fail(PER_ACCOUNT_AND_ADDRESS)
    call_command("lift_lock", **options)
    assert log_in().status_code == 302


@pytest.mark.parametrize("options", [{}, {"user": "suzuki"}, {"address": THERE}])
def test_there_must_be_something_to_lift(options, person):
    fail(PER_ACCOUNT_AND_ADDRESS)
    with pytest.raises(CommandError):
        call_command("lift_lock", **options)


# -- arithmetic -------------------------------------------------------------------------------------------------------


def test_a_lock_ends_when_enough_failures_have_run_out(person):
    now = timezone.now()
    for minutes, count in ((14, 4), (10, 4), (1, 4)):
        AccessAttempt.objects.create(
            username="tanaka", ip_address=HERE, user_agent=f"{minutes}", failures_since_start=count
        )
        moment = now - datetime.timedelta(minutes=minutes)
        AccessAttempt.objects.filter(user_agent=f"{minutes}").update(attempt_time=moment)
    assert throttle.locked_until("tanaka", HERE) == now + datetime.timedelta(minutes=1)
    assert throttle.current_locks() == [Lock("tanaka", HERE, now + datetime.timedelta(minutes=1))]


def test_networks_are_compared_and_not_addresses(person):
    SignIn.objects.create(kind=SignIn.Kind.SIGNED_IN, user=person, address="2001:db8:1:2::77")
    spread(PER_ACCOUNT)
    assert throttle.locked_until("tanaka", network("2001:db8:1:2::99")) is None
    assert throttle.locked_until("tanaka", network("2001:db8:1:3::99")) is not None
