"""Where a request comes from, and who counts as one party."""

import pytest
from django.test import RequestFactory

from core.addresses import client_address, network, party

REAL, FORGED, PROXY = "198.51.100.5", "203.0.113.9", "192.0.2.1"


def request_from(forwarded="", address=PROXY):
    headers = {"x_forwarded_for": forwarded} if forwarded else {}
    return RequestFactory(headers=headers).get("/", REMOTE_ADDR=address)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, FORGED, PROXY),
        (0, f"{FORGED}, {REAL}", PROXY),
        (1, REAL, REAL),
        (1, f"{FORGED}, {REAL}", REAL),
        (1, f"{FORGED},,{REAL} ", REAL),
        (2, f"{FORGED}, {REAL}, 10.0.0.1", REAL),
        (2, REAL, PROXY),  # it did not come through both
        (1, "", PROXY),
        (1, " , ", PROXY),
    ],
)
def test_only_what_own_proxies_wrote_is_believed(proxies, forwarded, found, settings):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request_from(forwarded)) == found


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"{REAL}:4711", REAL),
        ("[2001:db8::5]:4711", "2001:db8::5"),
        ("[2001:db8::5]", "2001:db8::5"),
        ('"[2001:db8::5]"', "2001:db8::5"),
        ("2001:DB8:0::5", "2001:db8::5"),
        ("fe80::1%eth0", "fe80::1"),
        (f"::ffff:{REAL}", REAL),
    ],
)
def test_an_address_is_read_as_proxies_write_it(written, read, settings):
    settings.TRUSTED_PROXIES = 1
    assert client_address(request_from(written)) == read


NO_ADDRESSES = ["unknown", "_hidden", "999.1.1.1", "1.2.3.4.5", "<script>", "a\x00b", "::::", "[", ":"]


@pytest.mark.parametrize("written", NO_ADDRESSES)
def test_what_is_no_address_is_not_believed(written, settings):
    settings.TRUSTED_PROXIES = 1
    assert client_address(request_from(written)) == PROXY


def test_a_socket_has_no_address():
    assert client_address(request_from(address="")) is None
    assert party(request_from(address="")) == "::"


@pytest.mark.parametrize(
    ("address", "together"),
    [
        (REAL, REAL),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("", None),
        (None, None),
    ],
)
def test_a_customer_of_a_provider_is_one_party(address, together):
    assert network(address) == together
