"""Logging in: who gets in, who does not, and what a stolen or forged request can do."""

from datetime import timedelta

from dashboard.store import login_tries, sessions
from tests.builders.desk_world import PASSWORD, Browser, DeskWorld


async def test_a_person_logs_in_sees_who_they_are_and_logs_out(browser: Browser) -> None:
    assert (await browser.ask("GET", "/api/me"))[0] == 401
    me = await browser.log_in("asa")
    assert (me["agent"], me["roles"]) == ("asa", ["agent"])
    assert (await browser.ask("DELETE", "/api/session"))[0] == 204
    assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_a_cookie_that_was_copied_stops_working_at_log_out(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in()
    thief = await desk.browser()
    thief.session.cookie_jar.update_cookies({cookie.key: cookie.value for cookie in browser.session.cookie_jar})
    async with thief:
        assert (await thief.ask("GET", "/api/me"))[0] == 200
        await browser.ask("DELETE", "/api/session")
        assert (await thief.ask("GET", "/api/me"))[0] == 401


async def test_the_cookie_cannot_be_read_by_script_nor_sent_by_other_sites(browser: Browser) -> None:
    body = {"name": "asa", "password": PASSWORD}
    async with browser.session.post(
        f"{browser.url}/api/session", json=body, headers={"Origin": browser.url, "X-KC-CSRF": "none"}
    ) as answer:
        cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_wrong_names_and_wrong_passwords_get_the_same_answer(browser: Browser) -> None:
    wrong = await browser.ask("POST", "/api/session", {"name": "asa", "password": "guess"})
    nobody = await browser.ask("POST", "/api/session", {"name": "nobody", "password": "guess"})
    assert wrong == nobody
    assert wrong[0] == 401


async def test_guessing_is_stopped_and_the_right_password_does_not_help_then(desk: DeskWorld, browser: Browser) -> None:
    answers = [(await browser.ask("POST", "/api/session", {"name": "asa", "password": "guess"}))[0] for _ in range(10)]
    assert answers == [401] * 8 + [429] * 2
    assert (await browser.ask("POST", "/api/session", {"name": "asa", "password": PASSWORD}))[0] == 429
    assert (await browser.ask("POST", "/api/session", {"name": "bo", "password": PASSWORD}))[0] == 204
    desk.world.time.advance(16 * 60)
    assert (await browser.ask("POST", "/api/session", {"name": "asa", "password": PASSWORD}))[0] == 204


async def test_neither_names_nor_secrets_are_kept_in_the_clear(desk: DeskWorld, browser: Browser) -> None:
    await browser.ask("POST", "/api/session", {"name": PASSWORD, "password": "typed in the wrong field"})
    await browser.log_in()
    async with desk.database.reading() as tx:
        kept = str((await tx.execute(login_tries.select())).all()) + str((await tx.execute(sessions.select())).all())
    assert PASSWORD not in kept
    assert "secret-0" not in kept, "what the cookie holds"


async def test_a_change_without_the_mark_of_the_log_in_is_refused(browser: Browser) -> None:
    await browser.log_in()
    for headers in ({"X-KC-CSRF": ""}, {"X-KC-CSRF": "0" * 64}, {"Origin": "https://example.org"}, {"Origin": "null"}):
        status, problem = await browser.ask("POST", "/api/agent/state", {"state": "READY"}, headers)
        assert status == 403, headers
        assert problem["type"] == "urn:kundcenter:ForeignRequestError"
    assert (await browser.ask("POST", "/api/agent/state", {"state": "READY"}))[0] == 204


async def test_another_persons_mark_does_not_fit(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    async with await desk.browser() as other:
        await other.log_in("bo")
        status, _ = await browser.ask("POST", "/api/agent/state", {"state": "READY"}, {"X-KC-CSRF": other.csrf})
    assert status == 403


async def test_another_sites_page_cannot_log_anybody_in(browser: Browser) -> None:
    body = {"name": "asa", "password": PASSWORD}
    assert (await browser.ask("POST", "/api/session", body, {"Origin": "https://example.org"}))[0] == 403
    assert (await browser.ask("POST", "/api/session", body, {"Sec-Fetch-Site": "cross-site"}))[0] == 403


async def test_the_cookie_changes_with_time_and_the_log_in_goes_on(desk: DeskWorld, browser: Browser) -> None:
    me = await browser.log_in()
    first = next(iter(browser.session.cookie_jar)).value
    desk.world.time.advance(16 * 60)
    assert (await browser.get("/api/me"))["csrf"] == me["csrf"]
    assert next(iter(browser.session.cookie_jar)).value != first
    async with await desk.browser() as old:
        old.session.cookie_jar.update_cookies({"kc_session": first})
        assert (await old.ask("GET", "/api/me"))[0] == 200, "other requests of the same page may still be on their way"
        desk.world.time.advance(61)
        assert (await old.ask("GET", "/api/me"))[0] == 401
    assert (await browser.ask("GET", "/api/me"))[0] == 200


async def test_a_log_in_ends_after_an_idle_hour_and_after_a_working_day(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in()
    for _ in range(16):
        desk.world.time.advance(45 * 60)
        status, _ = await browser.ask("GET", "/api/me")
    assert status == 401, "twelve hours are over"
    await browser.log_in()
    desk.world.time.advance(timedelta(minutes=61).total_seconds())
    assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_a_supervisor_is_no_agent(browser: Browser) -> None:
    await browser.log_in("disa")
    status, problem = await browser.ask("GET", "/api/desk")
    assert (status, problem["type"]) == (403, "urn:kundcenter:NotAllowedError")
