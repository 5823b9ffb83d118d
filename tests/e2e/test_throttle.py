"""Throttled logins on the running product, which has several processes."""

import secrets
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest

from core.throttle import PER_ACCOUNT_AND_ADDRESS

pytestmark = pytest.mark.e2e
AT_ONCE = 8  # two processes with four threads each: so many may pass the check before the last failure is counted


def log_in(site, username, password):
    """The status of the answer to a new visitor."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{site.url}/admin/login/").read()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    values = {"username": username, "password": password, "csrfmiddlewaretoken": token}
    try:
        return opener.open(f"{site.url}/admin/login/", urllib.parse.urlencode(values).encode()).status
    except urllib.error.HTTPError as error:
        return error.code


def test_all_processes_count_together(site):
    name = secrets.token_hex(8)
    # One by one up to the last that is let in: which of several at once reaches the limit, nobody can tell.
    answers = [log_in(site, name, "wrong") for _try in range(PER_ACCOUNT_AND_ADDRESS - 1)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers += pool.map(lambda _try: log_in(site, name, "wrong"), range(PER_ACCOUNT_AND_ADDRESS * 2))
    assert set(answers) == {200, 429}
    assert PER_ACCOUNT_AND_ADDRESS - 1 <= answers.count(200) < PER_ACCOUNT_AND_ADDRESS + AT_ONCE
    assert {log_in(site, name, "wrong") for _try in range(4)} == {429}
