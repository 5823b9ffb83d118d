"""A wrong setting stops the start with a message that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import test_env

ROOT = Path(__file__).resolve().parents[2]


def check(environment, *arguments):
    """`manage.py check` in this environment; answers its exit code and what it says."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SECRET_KEY", "too short", "SECRET_KEY must have at least 50 characters"),
        ("ALLOWED_HOSTS", " , ", "ALLOWED_HOSTS is not set"),
        ("DEBUG", "yes", "DEBUG must be true or false, not 'yes'"),
        ("SECURE", "", "SECURE must be true or false"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES must be a whole number from 0 up, not '-1'"),
        ("CSRF_TRUSTED_ORIGINS", "crm.example.org", "CSRF_TRUSTED_ORIGINS must start with https://"),
        ("DATABASE_URL", "mysql://localhost/crm", "DATABASE_URL must begin with sqlite:/// or postgres://"),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'"),
        ("HOME_COUNTRY", "Atlantis", "HOME_COUNTRY must be a country code"),
    ],
)
def test_a_wrong_value_is_named(name, value, said, tmp_path):
    code, output = check({**test_env.test_environment(tmp_path), name: value})
    assert code != 0
    assert f"ImproperlyConfigured: {said}" in output


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_a_message_does_not_tell_secrets(name, tmp_path):
    secret = "hunter2"
    _code, output = check({**test_env.test_environment(tmp_path), name: f"mysql://liaison:{secret}@localhost/crm"[:49]})
    assert "ImproperlyConfigured" in output
    assert secret not in output.splitlines()[-1]


def test_a_production_environment_has_nothing_to_complain_about(tmp_path):
    code, output = check(test_env.production_environment(tmp_path), "--deploy", "--fail-level", "WARNING")
    assert (code, "no issues" in output) == (0, True), output


def test_the_demo_is_not_installed_in_production(tmp_path):
    code, output = check({**test_env.production_environment(tmp_path), "DEMO": "false"}, "demo")
    assert code != 0
    assert "No installed app with label 'demo'" in output
