"""A real browser. Chromium comes from the system's packages: apt install chromium."""

import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What the browser would say to its maker's servers, and what a container needs.
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


@contextmanager
def chromium(*arguments):
    """Start the browser."""
    if _CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=[*_QUIET, *arguments]
        )
        yield browser
        browser.close()
