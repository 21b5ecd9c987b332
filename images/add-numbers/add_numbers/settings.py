"""What the environment tells the server."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Settings of the server, each from the variable named with it."""

    port: int
    """Port to listen at (`PORT`, default 8000)."""
    path: str
    """Path of the endpoint (`MCP_PATH`, default `/mcp`)."""
    allowed_hosts: list[str]
    """Values of the Host header that are served (`ALLOWED_HOSTS`, comma separated, `name:*` for any port); none: any."""
    allowed_origins: list[str]
    """Values of the Origin header that are served (`ALLOWED_ORIGINS`); only looked at when hosts are given."""
    grace_seconds: int
    """Time for calls in flight after SIGTERM (`GRACE_SECONDS`, default 300)."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Reads the settings.

    Raises:
        ValueError: with everything that is wrong, one line each.
    """
    problems: list[str] = []

    def number(name: str, default: int, highest: int) -> int:
        text = environment.get(name, "") or str(default)
        if text.isascii() and text.isdigit() and int(text) <= highest:
            return int(text)
        problems.append(f"{name}: must be a whole number from 0 to {highest}, got '{text}'")
        return default

    def entries(name: str) -> list[str]:
        return [entry.strip() for entry in environment.get(name, "").split(",") if entry.strip()]

    path = environment.get("MCP_PATH", "") or "/mcp"
    if not path.startswith("/"):
        problems.append(f"MCP_PATH: must begin with '/', got '{path}'")
    settings = Settings(
        port=number("PORT", 8000, 65535),
        path=path,
        allowed_hosts=entries("ALLOWED_HOSTS"),
        allowed_origins=entries("ALLOWED_ORIGINS"),
        grace_seconds=number("GRACE_SECONDS", 300, 86400),
    )
    if problems:
        raise ValueError("\n".join(problems))
    return settings
