"""Security headers on everything that leaves: pages, data, files, errors, static files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.tokens import ApiToken
from tests.factories import ContractFactory, LeadFactory

pytestmark = pytest.mark.django_db


def content_policy(response):
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {part[0]: part[1:] for part in parts if part}


@pytest.fixture
def answers(director, logged_in, settings, monkeypatch):
    """One answer of each kind, by name."""
    client, visitor = logged_in(director), Client()
    client.raise_request_exception = visitor.raise_request_exception = False
    lead, contract = LeadFactory(), ContractFactory(file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"))
    token, _secret = ApiToken.issue(director, "test")
    found = {
        "page": client.get(reverse("admin:index")),
        "form": client.get(reverse("admin:crm_lead_change", args=[lead.pk])),
        "refused form": client.post(reverse("admin:crm_lead_change", args=[lead.pk]), {"title": ""}),
        "token page": client.get(reverse("admin:core_apitoken_change", args=[token.pk])),
        "autocomplete": client.get(
            reverse("admin:autocomplete"), {"app_label": "crm", "model_name": "lead", "field_name": "organization"}
        ),
        "script": client.get(reverse("admin:jsi18n")),
        "csv": client.get(reverse("admin:crm_lead_export")),
        "xlsx": client.get(reverse("admin:crm_lead_export"), {"format": "xlsx"}),
        "api": client.get("/api/v1/leads/"),
        "api csv": client.get("/api/v1/leads/?format=csv"),
        "api 401": visitor.get("/api/v1/leads/"),
        "api 404": client.get("/api/v1/nothing/"),
        "api 405": client.delete("/api/v1/leads/"),
        "schema": client.get("/api/v1/schema/"),
        "api docs": client.get("/api/v1/docs/"),
        "file": client.get(contract.file.url),
        "login": visitor.get(reverse("admin:login")),
        "wrong login": visitor.post(reverse("admin:login"), {"username": "x", "password": "y"}),
        "redirect": visitor.get("/"),
        "404": visitor.get("/nothing/"),
        "403": logged_in(director).post(reverse("admin:core_exportlog_add")),
        "csrf": Client(enforce_csrf_checks=True).post(reverse("admin:login")),
        "wrong host": visitor.get("/admin/", headers={"Host": "elsewhere.example"}),
        "alive": visitor.get("/livez"),
        "ready": visitor.get("/readyz"),
        "token in the address": visitor.get("/api/v1/?t=lsn_" + "x" * 43),
    }
    monkeypatch.setattr("core.panels.for_today", lambda request: 1 / 0)
    found["500"] = client.get(reverse("admin:index"))
    return found


def test_there_is_one_answer_of_each_kind(answers):
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert {200, 302, 400, 401, 403, 404, 405, 500, 503} <= {*statuses.values()}
    assert statuses["500"] == 500
    assert statuses["wrong host"] == 400


def test_every_answer_has_a_policy_without_exceptions(answers):
    for name, answer in answers.items():
        policy = content_policy(answer)
        assert "unsafe" not in answer.headers["Content-Security-Policy"], name
        assert policy["default-src"] == ["'none'"], name
        for directive in ("script-src", "style-src", "connect-src", "form-action"):
            assert policy.get(directive, ["'self'"]) == ["'self'"], (name, directive)
        assert name == "file" or (policy["frame-ancestors"], policy["base-uri"]) == (["'none'"], ["'none'"])


def test_a_file_runs_in_a_sandbox_and_is_saved(answers):
    assert "sandbox" in content_policy(answers["file"])
    assert answers["file"]["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "api csv"])
def test_an_export_is_saved(kind, answers):
    assert answers[kind]["Content-Disposition"].startswith("attachment; ")


def test_no_answer_is_guessed_at_or_told_elsewhere(answers):
    for name, answer in answers.items():
        if name == "wrong host":  # answered by the first of Django's own middleware
            continue
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


def test_no_answer_may_use_a_camera_or_be_read_by_others(answers):
    for name, answer in answers.items():
        assert "camera=()" in answer.headers["Permissions-Policy"], name
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", name


def test_pages_are_not_framed(answers):
    for name, answer in answers.items():
        assert answer.headers["X-Frame-Options"] == "DENY", name


def test_personal_pages_are_not_kept_by_caches(answers):
    for name in ("page", "form", "token page", "csv", "xlsx", "file"):
        assert "no-store" in answers[name].headers["Cache-Control"], name
    assert answers["api"].headers["Cache-Control"] == "private, no-cache"


def test_over_https_browsers_stay_there(settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    client = Client()
    assert client.get("/livez", secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get("/livez")


def test_static_files_have_the_policy_too(settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    response = Client().get("/static/core/logo.svg")
    assert response.status_code == 200
    assert content_policy(response)["script-src"] == ["'self'"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_cookies_are_kept_from_scripts_and_other_sites(officer):
    officer.set_password("a long enough passphrase")
    officer.save()
    client = Client()
    client.post(reverse("admin:login"), {"username": "officer", "password": "a long enough passphrase"})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
