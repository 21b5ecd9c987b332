"""The server and its HTTP application."""

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from . import tools
from .settings import Settings

VERSION = "0.1.0"


def build_app(settings: Settings) -> Starlette:
    """Makes the application: both protocol eras at one path, without sessions, so that any replica serves any call."""
    server = MCPServer("add-numbers", version=VERSION, instructions="Adds numbers.", subscriptions=False)
    server.tool()(tools.add_numbers)

    @server.custom_route("/health", methods=["GET"])
    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    return server.streamable_http_app(
        streamable_http_path=settings.path,
        stateless_http=True,
        host="0.0.0.0",
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=bool(settings.allowed_hosts),
            allowed_hosts=settings.allowed_hosts,
            allowed_origins=settings.allowed_origins,
        ),
    )
