"""add-numbers: a small MCP server over streamable HTTP, with the tools a deployment is tried with.

Stateless, so any pod answers any request, in both eras of the protocol (2025-11-25 and 2026-07-28).
"""

import asyncio
import json
import logging
import os
import sys
import time

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.responses import JSONResponse

VERSION = "1.0.0"
LARGEST_TEXT_KIBIBYTES = 16 * 1024
LONGEST_COUNT_SECONDS = 300
LARGEST_PRIME_LIMIT = 5_000_000

server = MCPServer(
    "add-numbers",
    version=VERSION,
    instructions="Adds two numbers; the other tools show how a deployment behaves under load.",
)


@server.tool()
def add_numbers(a: float, b: float) -> str:
    """Adds two numbers."""
    return f"{a + b:g}"


@server.tool()
async def count_slowly(seconds: float, steps: int, ctx: Context) -> str:
    """Counts to `steps` in `seconds` (at most 300), reporting progress at each step."""
    if not 0 <= seconds <= LONGEST_COUNT_SECONDS:
        raise ToolError(f"seconds: must be from 0 to {LONGEST_COUNT_SECONDS}, got {seconds}")
    if steps < 1:
        raise ToolError(f"steps: must be at least 1, got {steps}")
    for step in range(1, steps + 1):
        await asyncio.sleep(seconds / steps)
        await ctx.report_progress(step, steps, f"{step} of {steps}")
    return f"counted to {steps}"


@server.tool()
def repeat_text(text: str, kibibytes: int) -> str:
    """Repeats `text` until it fills so many kibibytes (at most 16 MiB)."""
    if not 1 <= kibibytes <= LARGEST_TEXT_KIBIBYTES:
        raise ToolError(f"kibibytes: must be from 1 to {LARGEST_TEXT_KIBIBYTES}, got {kibibytes}")
    if not text:
        raise ToolError("text: must not be empty")
    size = kibibytes * 1024
    return (text * (size // len(text) + 1))[:size]


@server.tool()
async def find_primes(limit: int) -> str:
    """Counts the primes below `limit` (at most 5,000,000): honest work for the processor."""
    if not 0 <= limit <= LARGEST_PRIME_LIMIT:
        raise ToolError(f"limit: must be from 0 to {LARGEST_PRIME_LIMIT}, got {limit}")
    return str(await asyncio.to_thread(count_primes, limit))


@server.tool()
def request_headers(ctx: Context) -> str:
    """Gives the HTTP headers of this very call, as they reached the server."""
    request = ctx.request_context.request
    headers = {} if request is None else dict(request.headers)
    return json.dumps(headers)


@server.custom_route("/health", methods=["GET"])
async def health(_: Request) -> JSONResponse:
    """Answers while the process can take calls."""
    return JSONResponse({"status": "ok", "server": "add-numbers", "version": VERSION})


def count_primes(limit: int) -> int:
    """Counts by the sieve of Eratosthenes."""
    sieve = bytearray([1]) * max(limit, 2)
    sieve[0:2] = b"\0\0"
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, len(sieve), number)))
    return sum(sieve[:limit])


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_as_json() -> None:
    """Sends every log line to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The health page is asked every few seconds: a line for each would be all there is to read.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def read_security() -> TransportSecuritySettings:
    """Which Host headers are answered: `ALLOWED_HOSTS`, a comma list; unset, the gateway in front decides."""
    hosts = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
    return TransportSecuritySettings(enable_dns_rebinding_protection=bool(hosts), allowed_hosts=hosts)


def main() -> None:
    """Serves until SIGTERM, then ends the calls under way."""
    log_as_json()
    # By default every stream is cut the moment SIGTERM arrives, and the call on it is lost.
    AppStatus.disable_automatic_graceful_drain()
    app = server.streamable_http_app(stateless_http=True, transport_security=read_security())
    uvicorn.run(
        app,
        host="0.0.0.0",
        port=int(os.environ.get("PORT", "8000")),
        log_config=None,
        timeout_graceful_shutdown=int(os.environ.get("GRACE_SECONDS", "300")),
        # Longer than the gateway keeps an idle connection, so that it never writes into a closed one.
        timeout_keep_alive=75,
    )


if __name__ == "__main__":
    main()
