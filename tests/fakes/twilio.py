"""A provider like Twilio on a local port: a message that waits in its queue has no time of sending yet."""

from email.utils import format_datetime

from aiohttp import encode_basic_auth, web

from tests.fakes.texting import Double

ACCOUNT, TOKEN = "AC0123456789abcdef0123456789abcdef", "not-a-real-token-of-an-account"
LIST = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


class Twilio(Double):
    status = 201

    def routes(self) -> list[web.RouteDef]:
        return [web.post(LIST, self.send), web.get(LIST, self.history)]

    async def send(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != encode_basic_auth(ACCOUNT, TOKEN):
            self.asked += 1
            return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
        form, fault = await request.post(), self.fault()
        status, _, code = fault.partition("/")  # 400/21610: the status, and their code in its body
        if status.isdigit():
            return web.json_response(
                {"code": int(code or 20001), "message": "no", "status": int(status)}, status=int(status)
            )
        row = {
            "sid": f"SM{len(self.kept):032x}", "account_sid": ACCOUNT, "direction": "outbound-api",
            "from": form["From"], "to": form["To"], "body": form["Body"], "status": "queued", "num_segments": "1",
            "date_created": format_datetime(self.now()), "date_sent": None, "error_code": None,
        }  # fmt: skip
        return await self.taken(request, row, str(form.get("StatusCallback", "")), fault)

    async def history(self, request: web.Request) -> web.Response:
        if self.history_is_down:
            return web.json_response({"code": 20500, "status": 500}, status=500)
        found = [
            row
            for row in reversed(self.kept)
            if row["to"] == request.query["To"] and row["from"] == request.query["From"]
            and (row["date_sent"] or "DateSent" not in request.query)
        ]  # fmt: skip
        first = int(request.query.get("Page", 0)) * self.page
        answer = {"messages": found[first : first + self.page], "next_page_uri": None}
        if len(found) > first + self.page:
            query = f"To=%2B{request.query['To'][1:]}&From=%2B{request.query['From'][1:]}"
            answer["next_page_uri"] = f"{LIST}?{query}&PageSize={self.page}&Page={first // self.page + 1}&PageToken=x"
        return web.json_response(answer)
