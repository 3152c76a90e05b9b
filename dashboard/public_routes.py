"""The routes that need no log-in, each with the reason. Every other route does; an architecture test walks them all."""

PUBLIC_ROUTES = {
    ("POST", "/api/session"): "one logs in here",
    ("GET", "/api/login"): "tells the log-in page whether to ask for a password or to go to the organisation's log-in",
    ("GET", "/api/login/organisation"): "one leaves for the organisation's log-in here",
    ("GET", "/api/login/return"): "one comes back from the organisation's log-in here",
    ("GET", "/api/demo"): "demonstration only: whether there is one, and whom one can play",
    ("POST", "/api/demo/phones/lease"): "demonstration only: anybody may try the telephone",
    ("GET", "/api/demo/phones/{phone}/heard"): "demonstration only: needs the telephone's own cookie",
    ("POST", "/api/demo/phones/{phone}/call"): "demonstration only: needs the telephone's own cookie",
    ("POST", "/api/demo/phones/{phone}/answer"): "demonstration only: needs the telephone's own cookie",
    ("POST", "/api/demo/phones/{phone}/press"): "demonstration only: needs the telephone's own cookie",
    ("POST", "/api/demo/phones/{phone}/hang-up"): "demonstration only: needs the telephone's own cookie",
    ("GET", "/assets/{path:path}"): "script and style of the pages, the same for everybody",
    ("GET", "/{path:path}"): "the pages themselves, which hold no data",
    ("HEAD", "/{path:path}"): "the pages themselves, which hold no data",
}
