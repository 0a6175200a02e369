"""A course's people in a real browser: its staff, an announcement, a review; and the question whether it is you."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import update

from lms_core.identity.auth.models import AuthSession
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.learning.progress import service as progress
from tests.browser.conftest import Site, log_in
from tests.factories.assessments import enrol
from tests.factories.people import actor_of, create_person


def test_staff_announce_and_learners_review(site: Site, page: Page, look: Callable[..., None]) -> None:
    database = site.runtime.database
    create_person(database, role=Role.INSTRUCTOR, full_name="Chebet Kiplagat")
    for person in (site.learner, create_person(database, full_name="Baraka Juma")):
        enrol(database, person, site.course.id)
    with database.write(actor_of(database, site.learner)) as ctx:
        progress.complete(ctx, site.course.lessons[0])
    teach = f"{site.url}/teach/courses/{site.course.slug}"

    log_in(page, site, site.instructor)
    page.goto(f"{teach}/staff")
    page.get_by_label("E-mail address").fill("msaidizi@example.org")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("asked by Daudi Otieno")).to_be_visible()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("button", name="Give the course Chebet Kiplagat")).to_be_visible()
    look("staff")
    page.goto(f"{teach}/announcements/new")
    page.get_by_label("Title").fill("The market visit is on Friday")
    page.get_by_label("Text, in Markdown").fill("We meet at **8:00** at the gate. Bring:\n\n- your budget\n- a pencil")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".prose strong")).to_have_text("8:00")
    look("announcement-editor")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("read by 0 people")).to_be_visible()

    page.context.clear_cookies()
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}/reviews")
    page.get_by_label("4 stars").check(force=True)
    page.get_by_label("What should others know?").fill("Short lessons that I could use the same day.")
    page.get_by_role("button", name="Save my review").click()
    expect(page.locator(".review-text").first).to_have_text("Short lessons that I could use the same day.")
    look("reviews")
    page.goto(f"{site.url}/courses/{site.course.slug}")
    expect(page.get_by_text("Taught by Daudi Otieno, Chebet Kiplagat")).to_be_visible()
    look("course-announced")
    page.get_by_role("link", name="The market visit is on Friday").click()
    expect(page.locator(".prose")).to_contain_text("at the gate")

    with database.write(system_actor(site.learner.tenant_id)) as ctx:
        ctx.session.execute(update(AuthSession).values(proved_at=ctx.now.replace(year=2020)))
    page.goto(f"{site.url}/profile/security/keys")
    page.get_by_label("Name").fill("Attendance sheet")
    page.get_by_label("Days until it ends").fill("30")
    ticked = page.get_by_role("checkbox").last
    ticked.check()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    look("confirm")
    page.get_by_label("Password").fill(site.learner.password)
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.wait_for_url("**/profile/security/keys")
    expect(page.get_by_label("Name")).to_have_value("Attendance sheet")  # what was typed came through the question
    expect(page.get_by_label("Days until it ends")).to_have_value("30")
    expect(ticked).to_be_checked()
    page.get_by_role("button", name="Make a key").press("Enter")
    expect(page.locator("main code").first).to_be_visible()
    page.goto(f"{site.url}/profile/security/keys")
    expect(page.get_by_label("Name")).to_have_value("")
    expect(page.get_by_text("Attendance sheet")).to_be_visible()
