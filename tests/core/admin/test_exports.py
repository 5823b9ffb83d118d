"""The log of exports as auditors read it."""

import hashlib

import pytest

from core.exports_log import ExportLog
from tests.factories import LeadFactory, OrganizationFactory

LOG = "/admin/core/exportlog/"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_found_by_its_digest(kind, director, logged_in):
    OrganizationFactory(name="日本電気")
    client = logged_in(director)
    response = client.get("/admin/crm/organization/export/", {"format": kind})
    file = b"".join(response.streaming_content)
    log = ExportLog.objects.get()
    assert (log.digest, log.size) == (hashlib.sha256(file).hexdigest(), len(file))
    assert list(client.get(LOG, {"q": log.digest}).context["cl"].result_list) == [log]
    assert not client.get(LOG, {"q": "0" * 64}).context["cl"].result_list


def test_what_was_taken_is_told_in_words(director, logged_in):
    director.language = "ja"
    director.save()
    LeadFactory()
    client = logged_in(director)
    b"".join(client.get("/admin/crm/lead/export/", {"stage": "new", "search": "", "format": "csv"}).streaming_content)
    row = client.get(LOG).content.decode()
    assert "見込み案件" in row
    assert "段階: 新規" in row
    page = client.get(f"{LOG}{ExportLog.objects.get().pk}/change/").content.decode()
    assert "社内担当" in page


def test_a_kind_of_record_that_is_gone_can_still_be_read(director, logged_in):
    log = ExportLog.objects.create(
        user=director, user_name="x", resource="gone", format="csv", parameters={"a": ["1", "2"]}, columns=["code"]
    )
    page = logged_in(director).get(f"{LOG}{log.pk}/change/").content.decode()
    assert "gone" in page
    assert "a: 1, 2" in page
