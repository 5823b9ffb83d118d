"""Whatever is sent, the answer is one that the OpenAPI document knows, and never a 500."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.api import router
from core.api.documentation import document
from core.api.views import RecordViewSet
from core.tokens import ApiToken
from tests.factories import BY_RESOURCE, UserFactory

WRITTEN = [slug for slug, viewset, _name in router.registry if issubclass(viewset, RecordViewSet)]
RELAXED = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.text("0123456789+-=. :TZ", max_size=30),
    st.sampled_from(["JP", "JPY", "en", "2026-01-01", "2026-01-01T00:00:00Z", "\x00", "\ud800", "<b>", "' OR 1=1 --"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@pytest.fixture
def client(db):
    _token, secret = ApiToken.issue(UserFactory(role="Director"), "fuzz", scope="write", may_export=True)
    return Client(headers={"Authorization": f"Bearer {secret}", "If-Match": "*"})


def properties(slug, name="put"):
    schema = document("en")["paths"][f"/api/v1/{slug}/{{id}}/"][name]["requestBody"]["content"]["application/json"]
    component = schema["schema"]["$ref"].rpartition("/")[2]
    return sorted(document("en")["components"]["schemas"][component]["properties"])


@pytest.mark.parametrize("slug", WRITTEN)
def test_bodies(client, slug):
    record = BY_RESOURCE[slug]()
    path = f"/api/v1/{slug}/{record.pk}/"
    documented = {int(status) for status in document("en")["paths"][f"/api/v1/{slug}/{{id}}/"]["patch"]["responses"]}

    @RELAXED
    @given(body=st.dictionaries(st.sampled_from(properties(slug)), VALUES, max_size=6))
    def patch(body):
        response = client.patch(path, json.dumps(body), content_type="application/json")
        assert response.status_code in documented, response.content

    patch()


@pytest.mark.parametrize("slug", sorted(BY_RESOURCE))
def test_queries(client, slug):
    BY_RESOURCE[slug]()
    names = [parameter["name"] for parameter in document("en")["paths"][f"/api/v1/{slug}/"]["get"]["parameters"]]
    texts = st.one_of(
        st.text(max_size=20), st.integers().map(str), st.lists(st.integers()).map(str), st.dates().map(str)
    )

    @RELAXED
    @given(query=st.dictionaries(st.sampled_from(names), texts, max_size=5))
    def ask(query):
        query = {name: value.encode(errors="surrogatepass").decode(errors="replace") for name, value in query.items()}
        response = client.get(f"/api/v1/{slug}/", query)
        assert response.status_code in (200, 400), response.content
        assert response.getvalue()

    ask()
