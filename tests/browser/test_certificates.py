"""A certificate from the instructor's design to a stranger's check, in a real browser."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in
from tests.factories.assessments import enrol


def test_from_the_design_to_a_check_signed_out(
    site: Site, page: Page, look: Callable[..., None], tmp_path: Path
) -> None:
    enrol(site.runtime.database, site.learner, site.course.id)
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/certificates")
    page.get_by_role("link", name="Design and rule").click()
    page.get_by_label("Whoever completes the course gets this certificate").check()
    page.get_by_label("Who signs").fill("Daudi Otieno")
    expect(page.get_by_text("Just as it will be issued")).to_be_visible()
    expect(page.get_by_role("img", name="The certificate with a sample name")).to_be_visible()
    look("certificate-design")
    page.get_by_role("button", name="Save the design").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    for lesson in site.course.lessons:
        page.goto(f"{site.url}/courses/{site.course.slug}")
        token = page.locator('meta[name="csrf-token"]').get_attribute("content")
        done = page.request.put(f"{site.url}/api/v1/lessons/{lesson}/complete", headers={"X-CSRF-Token": str(token)})
        assert done.ok
    page.goto(f"{site.url}/certificates")
    while not page.get_by_role("link", name="Open the PDF").count():
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", name="Money and M-Pesa")).to_be_visible()
    look("certificates")
    code = str(page.locator(".certificate code").text_content())
    page.context.clear_cookies()

    page.goto(f"{site.url}/verify/{code}")
    expect(page.get_by_role("heading", name="This certificate is genuine")).to_be_visible()
    look("certificate-verified")
    pdf = page.request.get(f"{site.url}/api/v1/verify/{code}/document").body()
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(pdf.replace(b"Amina", b"Amino"))
    page.get_by_role("link", name="Check a document or credential").click()
    page.get_by_label("Or the file you were given").set_input_files(changed)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="This file was tampered with")).to_be_visible()
    look("certificate-tampered")
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/certificates")
    expect(page.get_by_text("Amina Wanjiru").first).to_be_visible()
    look("certificates-of-a-course")
