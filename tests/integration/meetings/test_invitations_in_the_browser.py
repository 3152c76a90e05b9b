"""The pages on which a citizen books by an invitation, as somebody meets them: on a wide screen, a narrow one, and in the dark."""

from redis.asyncio import Redis

from meetings.service import Meetings
from tests.builders.browser import accessible, chromium, new_page, no_complaints
from tests.builders.meeting_pages import front_of
from tests.integration.meetings.test_invitations import WISH


async def test_a_citizen_writes_a_postcode_takes_a_time_says_yes_and_has_a_meeting(
    meetings: Meetings, redis: Redis
) -> None:
    invited = await meetings.inviting.invite(WISH, by="agent:asa", key="a")
    async with front_of(meetings, redis) as front, chromium() as browser:
        page = await new_page(browser, front.url)
        link = front.here(front.invitations.to(invited.invitation))
        await page.goto(link)
        await accessible(page, picture="invitation-where")
        await page.get_by_label("Postnummer, fem siffror").fill("852 31")
        await page.get_by_role("button", name="Visa lediga tider").click()
        await accessible(page, picture="invitation-times")
        await page.locator("label.radio-button__label").first.click()
        await page.get_by_role("button", name="Välj tiden").click()
        await page.set_viewport_size({"width": 320, "height": 700})
        await accessible(page, picture="invitation-sure-narrow")
        await page.get_by_role("button", name="Ja, boka mötet").click()
        await accessible(page, picture="invitation-booked-narrow")
        dark = await new_page(browser, front.url, color_scheme="dark")
        await dark.goto(f"{link}?lang=en")
        await accessible(dark, picture="invitation-dark-english")
        for one in (page, dark):
            await no_complaints(one)
