"""Runs the server over streamable HTTP: `python -m app`."""

import os

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.responses import JSONResponse

from .server import server


@server.custom_route("/health", methods=["GET"])
async def health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


# Without sessions: any pod answers any request. The gateway checks hosts.
app = server.streamable_http_app(
    stateless_http=True,
    host="0.0.0.0",
    transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
)
# Else every stream is cut at SIGTERM, calls in flight with it.
AppStatus.disable_automatic_graceful_drain()
uvicorn.run(
    app,
    host="0.0.0.0",
    port=int(os.environ.get("PORT", "8000")),
    access_log=False,
    # Longer than proxies keep a silent connection, so that they close first.
    timeout_keep_alive=75,
    timeout_graceful_shutdown=300,
)
