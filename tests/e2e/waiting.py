"""Waiting for what a page shows. Playwright's own `wait_for_function` evaluates text in the page, which the content
security policy forbids as soon as it has to look twice."""

import time

SECONDS = 15


def until(page, expression):
    """Until this expression of the page is true; AssertionError after as long as every other wait takes at most."""
    deadline = time.monotonic() + SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(50)
