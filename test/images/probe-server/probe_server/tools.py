"""The tools. Each is bounded, so that no caller can keep a replica for itself."""

import asyncio
from typing import Annotated

from mcp.server.mcpserver import Context
from pydantic import Field

HIDDEN_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


async def count_slowly(
    ctx: Context,
    seconds: Annotated[float, Field(ge=0, le=3600, description="How long to count")],
    steps: Annotated[int, Field(ge=1, le=10_000, description="Up to which number")],
) -> str:
    """Counts from one to `steps` in `seconds` and reports each number as progress."""
    for step in range(1, steps + 1):
        await asyncio.sleep(seconds / steps)
        await ctx.report_progress(step, steps, f"{step} of {steps}")
    return f"counted to {steps}"


def repeat_text(
    text: Annotated[str, Field(min_length=1)],
    kibibytes: Annotated[int, Field(ge=1, le=16_384, description="Length of the answer")],
) -> str:
    """Repeats a text until it fills so many kibibytes (at most 16 MiB)."""
    length = kibibytes * 1024
    return (text * (length // len(text) + 1))[:length]


async def find_primes(
    limit: Annotated[int, Field(ge=2, le=5_000_000, description="Exclusive upper bound")],
) -> int:
    """Counts the prime numbers below `limit`; takes processor time on purpose."""
    # In a thread, so that probes and other calls are still answered.
    return await asyncio.to_thread(_count_primes, limit)


def _count_primes(limit: int) -> int:
    composite = bytearray(limit)
    count = 0
    for number in range(2, limit):
        if not composite[number]:
            count += 1
            for multiple in range(number * number, limit, number):
                composite[multiple] = 1
    return count


def request_headers(ctx: Context) -> dict[str, str]:
    """Tells which headers came with this call; of those that carry credentials, only that they came."""
    return {
        name.lower(): "(present)" if name.lower() in HIDDEN_HEADERS else value
        for name, value in (ctx.headers or {}).items()
    }
