"""The browser of tests and pictures: which programs it may be, and how it is told to phone nobody."""

from axe_playwright_python.sync_playwright import Axe

# The headless one first: it draws the same pages with a quarter less work, having no windows of its own.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

# What axe is asked: WCAG 2.2 at A and AA; and what of it depends on the colours alone. Of all that it passes, nothing.
_VIOLATIONS = {"resultTypes": ["violations"]}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}} | _VIOLATIONS
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}} | _VIOLATIONS
AGAIN = Axe("null")  # for a page that axe has looked at already, where its half megabyte of script still is
