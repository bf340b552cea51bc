# SPDX-License-Identifier: Apache-2.0
"""Who may ask: only pages that this server has sent, opened at the address that the command has printed.

The first part of every path is a random token.  The Host and Origin headers must name this server, so that a page of
another site, or another name that leads to this machine (DNS rebinding), gets nothing.
"""

import ipaddress
import secrets
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from isinglass.report.html import page_policy

__all__ = ["Address", "Gate"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
REPORT = (  # its own script alone runs, in a sandbox; its links open outside
    f"{page_policy()}; frame-ancestors 'self'; sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox"
)
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Address:
    """Where the server listens, and the token that its pages have in their path."""

    host: str
    port: int
    token: str

    @property
    def url(self) -> str:
        """The address of the page."""
        name = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}/{self.token}/"

    def serves(self, authority: str) -> bool:
        """Is this `host:port` of a header ours?  Of all addresses of the machine, numbers but no other names are."""
        name, _, port = authority.rpartition(":")
        if not name or port != str(self.port):
            return False
        if name in LOOPBACK or name.strip("[]") == self.host:
            return True
        return self.host in ("0.0.0.0", "::") and is_number(name.strip("[]"))  # noqa: S104


def is_number(name: str) -> bool:
    """Is the host an IP address?  Only names can be rebound."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Gate:
    """Lets a request through, its token taken off its path, or answers it in one line."""

    def __init__(self, app: ASGIApp, address: Address):
        """`app` sees only what is let through."""
        self.app, self.address = app, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with headers that keep the page to itself."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif line := self.refusal(scope):
            await self.refuse(line, scope, receive, send)
        else:
            inner = {**scope, "root_path": f"/{self.address.token}"}
            await self.app(inner, receive, guarded(send, scope["path"]))

    def refusal(self, scope: Scope) -> str:
        """Why not, in one line; empty for what may pass."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self.address.serves(headers.get("host", "")):
            return "expected this server's own address in Host; found another; open the address that isinglass printed."
        origin = headers.get("origin")
        if origin is not None and not self.address.serves(origin.removeprefix("http://")):
            return "expected a page of this server; found another Origin; open the address that isinglass printed."
        token = scope["path"].split("/")[1] if scope["path"].startswith("/") else ""
        if not secrets.compare_digest(token.encode(), self.address.token.encode()):
            return "expected the token of this lab; found none or another; open the address that isinglass printed."
        return ""

    async def refuse(self, line: str, scope: Scope, receive: Receive, send: Send) -> None:
        """403 with the line; a WebSocket is closed before it is open, which browsers see as 403 too."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "another page"})
        else:
            await PlainTextResponse(f"isinglass: {line}\n", 403, HEADERS)(scope, receive, send)


def guarded(send: Send, path: str) -> Send:
    """`send` with the headers of this lab on every response."""
    policy = REPORT if path.endswith("/report.html") else PAGE
    more = [(name.encode(), value.encode()) for name, value in {**HEADERS, "content-security-policy": policy}.items()]

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send({**message, "headers": [*message.get("headers", []), *more]})
        else:
            await send(message)

    return with_headers
