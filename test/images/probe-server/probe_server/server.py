"""The server and its HTTP application."""

from mcp.server import MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from . import tools

VERSION = "0.1.0"


def build_app() -> Starlette:
    """Makes the application: both protocol eras at `/mcp`, without sessions, so that any replica serves any call."""
    server = MCPServer("probe-server", version=VERSION, instructions="For tests.", subscriptions=False)
    for tool in (tools.count_slowly, tools.repeat_text, tools.find_primes, tools.request_headers):
        server.tool()(tool)

    @server.custom_route("/health", methods=["GET"])
    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    return server.streamable_http_app(streamable_http_path="/mcp", stateless_http=True, host="0.0.0.0")
