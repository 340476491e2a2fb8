"""Who may talk to the page's endpoints: this page, on this machine.

Any web site that is open in the same browser can send requests to a loopback port. Its `Origin`
gives it away; a name that was rebound to 127.0.0.1 is given away by `Host`; and a JSON content type
cannot be sent across origins without a preflight, which nobody here answers.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def is_local(request: Request) -> bool:
    """Return whether the request was addressed to this machine by a loopback name."""
    return urlsplit(f"//{request.headers.get('host', '')}").hostname in LOOPBACK_NAMES


def may_act(request: Request) -> bool:
    """Return whether the request comes from this page, or from no page at all (a script)."""
    if not is_local(request):
        return False
    host = request.headers["host"]
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return False
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    return request.headers.get("content-type", "").startswith("application/json")
