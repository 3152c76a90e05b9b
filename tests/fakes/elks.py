"""A provider like 46elks on a local port."""

from aiohttp import encode_basic_auth, web

from tests.fakes.texting import Double

USERNAME, PASSWORD = "u0123456789abcdef", "not-a-real-password"


class Elks(Double):
    def routes(self) -> list[web.RouteDef]:
        return [web.post("/a1/sms", self.send), web.get("/a1/sms", self.history)]

    async def send(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != encode_basic_auth(USERNAME, PASSWORD):
            self.asked += 1
            return web.Response(status=401, text="API access requires Basic HTTP authentication")
        form, fault = await request.post(), self.fault()
        if fault.isdigit():
            return web.Response(status=int(fault), text="no")
        row = {
            "id": f"s{len(self.kept):032x}", "direction": "outgoing", "from": form["from"], "to": form["to"],
            "message": form["message"], "status": "created", "cost": 3500, "parts": 1,
            "created": self.now().replace(tzinfo=None).isoformat(),
        }  # fmt: skip
        return await self.taken(request, row, str(form.get("whendelivered", "")), fault)

    async def history(self, request: web.Request) -> web.Response:
        if self.history_is_down:
            return web.Response(status=503)
        before, after = request.query.get("start", "9"), request.query["end"]
        found = [
            row for row in reversed(self.kept) if row["to"] == request.query["to"] and after <= row["created"] < before
        ]
        answer = {"data": found[: self.page]}
        if len(found) > self.page:
            answer["next"] = found[self.page - 1]["created"]
        return web.json_response(answer)
