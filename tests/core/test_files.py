"""Uploaded files: what may come in, where it goes, and who gets it back."""

import io

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import FileField

from core.audit import OWN_APPS
from core.files import KINDS, LARGEST, UploadPath, attachment, upload_path, validate_document
from core.tokens import ApiToken
from tests.factories import ContractFactory

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def contract(tokyo_station):
    contract = ContractFactory(station=tokyo_station)
    contract.file.save("契約書 第1号.pdf", ContentFile(PDF))
    return contract


def body(response):
    return b"".join(response.streaming_content)


# What may come in


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("scan.PDF", b"\r\n" + PDF),
        ("a.docx", b"PK\x03\x04rest"),
        ("a.ods", b"PK\x03\x04rest"),
        ("a.png", b"\x89PNG\r\n\x1a\nrest"),
        ("a.jpeg", b"\xff\xd8\xff\xe0rest"),
        ("a.csv", "名称,数\r\n".encode("gb18030")),
        ("a.txt", "会議メモ".encode("utf-16")),
    ],
)
def test_documents_are_taken(name, content):
    validate_document(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "kind"),
        ("a.html", b"<html>", "kind"),
        ("a.svg", b"<svg>", "kind"),
        ("a.zip", b"PK\x03\x04", "kind"),
        ("a.pdf.exe", PDF, "kind"),
        ("noextension", PDF, "kind"),
        ("a.pdf", b"MZ\x90\x00", "content"),
        ("a.png", PDF, "content"),
        ("a.docx", b"<html>", "content"),
        ("a.csv", b"MZ\x90\x00", "content"),
    ],
)
def test_other_files_are_refused(name, content, code):
    with pytest.raises(ValidationError) as caught:
        validate_document(SimpleUploadedFile(name, content))
    assert caught.value.code == code


def test_a_file_over_the_limit_is_refused():
    file = SimpleUploadedFile("a.pdf", PDF)
    file.size = LARGEST + 1
    with pytest.raises(ValidationError, match="21 MB"):
        validate_document(file)


def test_the_file_can_still_be_read_after_the_check():
    file = SimpleUploadedFile("a.pdf", PDF)
    validate_document(file)
    assert file.read() == PDF


def test_a_stored_file_is_not_read_again(contract):
    default_storage.delete(contract.file.name)
    contract.full_clean()


def test_every_kind_names_its_beginning():
    assert all(signature is None or len(signature) >= 3 for signature in KINDS.values())


# Where it goes


def test_two_files_of_one_name_do_not_meet():
    make = upload_path("projects.contract")
    first, second = make(None, "a.pdf"), make(None, "a.pdf")
    assert first != second
    assert first.startswith("projects.contract/")
    assert first.endswith("/a.pdf")


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("契約書 第1号.PDF", "契約書_第1号.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.docx", "plan.docx"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("...pdf", "file.pdf"),
        (".pdf", "pdf"),
        ("!?.pdf", "file.pdf"),
        ("長" * 300 + ".pdf", "長" * 60 + ".pdf"),
    ],
)
def test_the_name_on_disk_is_safe(given, stored):
    assert upload_path("x")(None, given).rpartition("/")[2] == stored


def test_an_upload_path_can_be_written_into_a_migration():
    path, args, kwargs = upload_path("projects.contract").deconstruct()
    assert path == "core.files.UploadPath"
    assert UploadPath(*args, **kwargs) == upload_path("projects.contract")


def test_every_file_field_is_stored_under_its_model_and_checked():
    for label in OWN_APPS:
        for model in apps.get_app_config(label).get_models():
            for field in (f for f in model._meta.local_fields if isinstance(f, FileField)):
                assert field.upload_to == upload_path(model._meta.label_lower), field
                assert validate_document in field.validators, field


def test_stored_files_are_closed_to_other_accounts(contract, settings):
    path = default_storage.path(contract.file.name)
    from pathlib import Path  # noqa: PLC0415

    assert Path(path).stat().st_mode & 0o777 == 0o600
    assert Path(path).parent.stat().st_mode & 0o777 == 0o700


# Who gets it back


def test_who_sees_the_record_gets_the_file(officer, contract, logged_in):
    response = logged_in(officer).get(contract.file.url)
    assert response.status_code == 200
    assert body(response) == PDF
    assert response["Content-Type"] == "application/pdf"


def test_a_file_is_saved_and_never_shown(officer, contract, logged_in):
    response = logged_in(officer).get(contract.file.url)
    assert response["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E5%A5%91" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert "sandbox" in response["Content-Security-Policy"]


def test_others_are_told_that_there_is_nothing(stranger, nobody, contract, logged_in):
    missing = logged_in(stranger).get("/files/projects.contract/0000/no.pdf")
    for user in (stranger, nobody):
        response = logged_in(user).get(contract.file.url)
        assert response.status_code == missing.status_code == 404


def test_who_is_not_signed_in_is_asked_to(client, contract):
    response = client.get(contract.file.url)
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/?next=/files/projects.contract/")


def test_a_program_gets_the_file_with_its_token(client, officer, contract):
    _token, secret = ApiToken.issue(officer, "test")
    assert body(client.get(contract.file.url, headers={"authorization": f"Bearer {secret}"})) == PDF


def test_a_wrong_token_is_refused(client, contract):
    response = client.get(contract.file.url, headers={"authorization": "Bearer lsn_wrong"})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_of_a_stranger_opens_nothing(client, stranger, contract):
    _token, secret = ApiToken.issue(stranger, "test")
    assert client.get(contract.file.url, headers={"authorization": f"Bearer {secret}"}).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "../config/settings.py",
        "projects.contract/../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "projects.contract/a%00b",
        "core.user/1/x.pdf",
        "nothing",
        "projects.contract\\x",
    ],
)
def test_no_address_leads_out_of_the_uploads(director, logged_in, name):
    assert logged_in(director).get(f"/files/{name}").status_code == 404


def test_a_file_without_a_record_is_nobodys(director, logged_in):
    name = default_storage.save("projects.contract/abc/left.pdf", io.BytesIO(PDF))
    assert logged_in(director).get(f"/files/{name}").status_code == 404


def test_a_lost_file_is_an_answer_and_a_log_line(officer, contract, logged_in, caplog):
    default_storage.delete(contract.file.name)
    assert logged_in(officer).get(contract.file.url).status_code == 404
    assert "file of a record is missing" in caplog.text


def test_files_can_only_be_read(officer, contract, logged_in):
    assert logged_in(officer).post(contract.file.url).status_code == 405


def test_header_values_cannot_be_broken_out_of():
    value = attachment('a"\r\nX: 1\\.pdf')
    assert "\r" not in value
    assert value == "attachment; filename=\"aX: 1.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%201%5C.pdf"
