"""Agents: the same gestures over the desk's API (the simulator has no sound) and in a real browser with WebRTC."""

import contextlib
import json
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.fakes.sip_phone import SipPhone
from tests.fakes.sip_register import register
from tests.journeys.desk_api import DeskApi
from tests.patience import at_most
from tests.running import PASSWORD, System, eventually

PATIENCE = at_most(10) * 1000
"""Patience with the browser, in milliseconds: it shares two cores with everything else."""

HOOK = """
    window.kcConnections = [];
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
        constructor(...all) { super(...all); window.kcConnections.push(this); }
    };
"""
COUNT = """async () => {
    const sum = {received: 0, sent: 0, energy: 0};
    for (const connection of window.kcConnections) {
        if (connection.connectionState === "closed") continue;
        for (const one of (await connection.getStats()).values()) {
            if (one.type === "inbound-rtp") { sum.received += one.packetsReceived; sum.energy += one.totalAudioEnergy ?? 0; }
            if (one.type === "outbound-rtp") sum.sent += one.packetsSent;
        }
    }
    return sum;
}"""


class Agent:
    """An agent at the desk. Every method returns when the desk shows what it says."""

    def __init__(self, system: System, name: str) -> None:
        self.system = system
        self.name = name

    async def telephone_is_known(self) -> bool:
        """Whether the real switch knows where to ring this agent."""
        async with self.system.ari() as ari, ari.get(f"/ari/endpoints/PJSIP/agent-{self.name}") as answer:
            return bool((await answer.json()).get("state") == "online")

    async def log_in(self) -> None:
        raise NotImplementedError

    async def ready(self) -> None:
        raise NotImplementedError

    async def pauses(self) -> None:
        """Take no calls for a while."""
        raise NotImplementedError

    async def sees_offer(self, *, within: float = 12) -> str:
        """Wait for an offer, and return what is shown of it."""
        raise NotImplementedError

    async def sees_no_offer(self, *, within: float = 12) -> None:
        raise NotImplementedError

    async def accept(self) -> None:
        raise NotImplementedError

    async def reject(self) -> None:
        raise NotImplementedError

    async def talks(self, *, within: float = 10) -> None:
        raise NotImplementedError

    async def hold(self) -> None:
        raise NotImplementedError

    async def unhold(self) -> None:
        raise NotImplementedError

    async def hang_up(self) -> None:
        raise NotImplementedError

    async def writes_up(self, *, within: float = 10) -> None:
        """Wait until the desk asks how the talk ended."""
        raise NotImplementedError

    async def wrap_up(self, code: str, note: str = "") -> None:
        raise NotImplementedError

    async def close_browser(self) -> None:
        raise NotImplementedError

    async def in_state(self, state: str, *, reason: str = "", within: float = 10) -> None:
        """Wait until routing has the agent in this state, whatever the desk shows."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Finish what is unfinished, and log off."""
        raise NotImplementedError


class ApiAgent(Agent):
    """An agent whose page and telephone have no sound."""

    api: DeskApi | None = None

    async def log_in(self) -> None:
        self.api = DeskApi(self.system.url, without_sound=True)
        await self.api.log_in(self.name)
        await self._has_a_telephone(await self.api.post("/api/softphone"))
        self.api.follow()
        await self._shows("state")

    async def opens_the_page_again(self) -> None:
        """Follow the desk's feed again, as the page does by itself when the server is back."""
        assert self.api
        await self.api.follow_again()
        await self._shows("state")

    async def _has_a_telephone(self, account: Any) -> None:
        assert account["mode"] == "simulator"

    async def ready(self) -> None:
        await self._post("/api/agent/state", {"state": "READY"})
        await self._is_ready_again()

    async def pauses(self) -> None:
        await self._post("/api/agent/state", {"state": "NOT_READY", "reason": "break"})
        await self.in_state("NOT_READY")

    async def sees_offer(self, *, within: float = 12) -> str:
        offer = await self._shows("offer", within=within)
        return json.dumps(offer, ensure_ascii=False)

    async def sees_no_offer(self, *, within: float = 12) -> None:
        await eventually(lambda: not self._desk.get("offer"), within=within, what=f"{self.name} sees no offer")

    async def accept(self) -> None:
        offer = self._desk["offer"]
        await self._post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})

    async def reject(self) -> None:
        offer = self._desk["offer"]
        await self._post(f"/api/offers/{offer['offer']}/reject", {"token": offer["token"]})
        await self.sees_no_offer()

    async def talks(self, *, within: float = 10) -> None:
        await eventually(
            lambda: (self._desk.get("talk") or {}).get("connected"), within=within, what=f"{self.name} talks"
        )

    async def hold(self) -> None:
        await self._on_talk("hold")
        await eventually(lambda: self._desk["talk"]["on_hold"], within=5, what="the talk is on hold")

    async def unhold(self) -> None:
        await self._on_talk("unhold")
        await eventually(lambda: not self._desk["talk"]["on_hold"], within=5, what="the talk goes on")

    async def hang_up(self) -> None:
        await self._on_talk("hang-up")

    async def writes_up(self, *, within: float = 10) -> None:
        await self._shows("wrap_up", within=within)

    async def wrap_up(self, code: str, note: str = "") -> None:
        await self.writes_up()
        contact = self._desk["wrap_up"]["about"]["contact"]
        await self._post(f"/api/contacts/{contact}/wrap-up", {"code": code, "note": note})
        await self._is_ready_again()

    async def close_browser(self) -> None:
        if self.api is not None:
            await self.api.close()
            self.api = None

    async def in_state(self, state: str, *, reason: str = "", within: float = 10) -> None:
        await eventually(
            lambda: self._desk.get("state") == state and reason in self._desk["reason"],
            within=within, what=f"{self.name} is {state} {reason}",
        )  # fmt: skip

    async def leave(self) -> None:
        if self.api is None:
            return
        if self._desk.get("wrap_up"):
            await self.wrap_up("finished")
        with contextlib.suppress(AssertionError):
            await self._post("/api/agent/state", {"state": "LOGGED_OFF"})
        await self.close_browser()

    @property
    def _desk(self) -> dict[str, Any]:
        return self.api.desk if self.api else {}

    async def _post(self, path: str, body: dict[str, Any] | None = None) -> None:
        assert self.api, f"{self.name} is not logged in"
        await self.api.post(path, body)

    async def _on_talk(self, what: str) -> None:
        talk = await self._shows("talk")
        await self._post(f"/api/contacts/{talk['about']['contact']}/{what}")

    async def _shows(self, part: str, *, within: float = 12) -> Any:
        return await eventually(lambda: self._desk.get(part), within=within, what=f"{self.name}'s desk shows {part}")

    async def _is_ready_again(self) -> None:
        """Wait until the desk shows that the agent is ready; if somebody waits, an offer has come at once, or a talk."""
        states = ("READY", "RESERVED", "BUSY")
        await eventually(lambda: self._desk.get("state") in states, within=10, what=f"{self.name} is ready")


class PlainPhoneAgent(ApiAgent):
    """An agent whose telephone is our own, on a real switch: it rings (180) and is taken (200) when the story says so."""

    def __init__(self, system: System, name: str, phone: SipPhone) -> None:
        super().__init__(system, name)
        self._phone = phone

    async def _has_a_telephone(self, account: Any) -> None:
        line = str(account["uri"]).removeprefix("sip:").partition("@")[0]
        here = {"sip_port": self.system.sip_port, "contact_port": self._phone.port}
        assert await register(line, account["password"], **here) == 200
        await eventually(self.telephone_is_known, within=10, what=f"{self.name}'s telephone is registered")


class BrowserAgent(Agent):
    """An agent at the desk's page in Chromium, whose telephone is JsSIP over WebRTC."""

    page: Page | None = None

    def __init__(self, system: System, name: str, browser: Browser) -> None:
        super().__init__(system, name)
        self._browser = browser

    async def log_in(self) -> None:
        context = await self._browser.new_context(base_url=self.system.url, locale="sv-SE")
        await context.add_init_script(HOOK)
        self.page = await context.new_page()
        self.page.set_default_timeout(PATIENCE)
        await self.page.goto("/desk")
        await self.page.get_by_label("Användarnamn").fill(self.name)
        await self.page.get_by_label("Lösenord").fill(PASSWORD)
        await self.page.get_by_label("Lösenord").press("Enter")
        await expect(self.page.get_by_role("heading", name="Din status")).to_be_visible(timeout=PATIENCE)
        if self.system.kind == "asterisk":
            await eventually(self.telephone_is_known, within=10, what=f"{self.name}'s telephone is registered")

    async def ready(self) -> None:
        await self.desk_page.get_by_role("button", name="Ta emot samtal").click()
        await self._is_ready_again()

    async def pauses(self) -> None:
        me = await (await self.desk_page.request.get("/api/me")).json()
        await self.desk_page.request.post(
            "/api/agent/state", data={"state": "NOT_READY", "reason": "break"}, headers={"X-KC-CSRF": me["csrf"]}
        )
        await self.in_state("NOT_READY")

    async def sees_offer(self, *, within: float = 12) -> str:
        offer = self.desk_page.locator("[data-test=offer]")
        await expect(offer).to_be_visible(timeout=at_most(within) * 1000)
        return await offer.inner_text()

    async def sees_no_offer(self, *, within: float = 12) -> None:
        await expect(self.desk_page.locator("[data-test=offer]")).to_be_hidden(timeout=at_most(within) * 1000)

    async def accept(self) -> None:
        await self.desk_page.keyboard.press("F2")

    async def reject(self) -> None:
        await self.desk_page.get_by_role("button", name="Avböj").click()
        await self.sees_no_offer()

    async def talks(self, *, within: float = 10) -> None:
        talk = self.desk_page.locator("[data-test=talk]")
        await expect(talk).to_be_visible(timeout=at_most(within) * 1000)
        await expect(talk).not_to_contain_text("Ringer upp", timeout=at_most(within) * 1000)

    async def hold(self) -> None:
        await self.desk_page.get_by_role("button", name="Parkera").click()
        await self._shows("talk", "Personen hör musik")

    async def unhold(self) -> None:
        await self.desk_page.get_by_role("button", name="Återuppta").click()
        await expect(self.desk_page.locator("[data-test=talk]")).not_to_contain_text("Personen hör musik")

    async def hang_up(self) -> None:
        await self.desk_page.get_by_role("button", name="Avsluta samtalet").click()

    async def writes_up(self, *, within: float = 10) -> None:
        title = self.desk_page.get_by_role("heading", name="Efterarbete", exact=True)
        await expect(title).to_be_visible(timeout=at_most(within) * 1000)

    async def wrap_up(self, code: str, note: str = "") -> None:
        await self.writes_up()
        await self.desk_page.get_by_label("Hur slutade samtalet?").select_option(value=code)
        await self.desk_page.get_by_role("textbox", name="Anteckning").fill(note)
        await self.desk_page.get_by_role("button", name="Spara").click()
        await self._is_ready_again()

    async def close_browser(self) -> None:
        if self.page is not None:
            await self.page.context.close()
            self.page = None

    async def in_state(self, state: str, *, reason: str = "", within: float = 10) -> None:
        async def seen() -> bool:
            answer = await self.desk_page.request.get("/api/desk")
            desk = await answer.json()
            return bool(desk["state"] == state and reason in desk["reason"])

        await eventually(seen, within=within, what=f"{self.name} is {state} {reason}")

    async def counts(self) -> dict[str, float]:
        """Return how many packets of sound the browser has received and sent, and how loud what it received was."""
        counted: dict[str, float] = await self.desk_page.evaluate(COUNT)
        return counted

    async def leave(self) -> None:
        if self.page is None:
            return
        desk = await (await self.desk_page.request.get("/api/desk")).json()
        if desk.get("wrap_up"):
            await self.wrap_up("finished")
        me = await (await self.desk_page.request.get("/api/me")).json()
        await self.desk_page.request.post(
            "/api/agent/state", data={"state": "LOGGED_OFF"}, headers={"X-KC-CSRF": me["csrf"]}
        )
        await self.close_browser()

    @property
    def desk_page(self) -> Page:
        assert self.page, f"{self.name} is not logged in"
        return self.page

    async def _is_ready_again(self) -> None:
        """Wait until the page shows that the agent is ready; if somebody waits, an offer has come at once, or a talk."""
        ready = self.desk_page.locator("[data-test=idle]").filter(has_text="Du är redo")
        somebody = self.desk_page.locator("[data-test=offer], [data-test=talk]")
        await expect(ready.or_(somebody)).to_be_visible(timeout=PATIENCE)

    async def _shows(self, part: str, text: str) -> None:
        await expect(self.desk_page.locator(f"[data-test={part}]")).to_contain_text(text, timeout=PATIENCE)
