"""A passkey from the security page to the login page, with Chromium's own virtual authenticator (WebAuthn, 11)."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_made_and_logs_in(site: Site, page: Page, look: Callable[..., None]) -> None:
    url = f"http://localhost:{urlsplit(site.url).port}"  # a passkey belongs to a name, never to a number
    site.runtime.settings.public_url = url
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    here = Site(url, site.runtime, site.instructor, site.learner, site.course)
    log_in(page, here, site.learner)
    page.goto(f"{url}/profile/security")
    page.get_by_label("Name").fill("Blue telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_text("Blue telephone")).to_be_visible()
    look("security")

    page.get_by_role("button", name="Add a passkey").scroll_into_view_if_needed()
    page.get_by_label("Name").last.fill("The same again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("The device made no passkey. Try again, or use another device.")

    page.context.clear_cookies()
    page.goto(f"{url}/login?next=/profile")
    look("login")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/profile")
    expect(page.get_by_text(site.learner.email)).to_be_visible()

    page.goto(f"{url}/profile/security")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove Blue telephone").click()
    expect(page.get_by_text("The passkey is removed here.")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{url}/login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("It is of another account or site")
    look("login-refused", kept=False)
