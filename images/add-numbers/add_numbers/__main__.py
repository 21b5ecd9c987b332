"""Runs the server: `python -m add_numbers`."""

import os
import sys

import uvicorn
from sse_starlette.sse import AppStatus

from .json_log import configure_logging
from .server import build_app
from .settings import read_settings


def main() -> int:
    try:
        settings = read_settings(os.environ)
    except ValueError as error:
        print(f"add-numbers: cannot start\n{error}", file=sys.stderr)
        return 2
    configure_logging()
    # Else every stream is cut at SIGTERM, calls in flight with it. No stream outlives its call here.
    AppStatus.disable_automatic_graceful_drain()
    uvicorn.run(
        build_app(settings),
        host="0.0.0.0",
        port=settings.port,
        log_config=None,
        timeout_graceful_shutdown=settings.grace_seconds,
        # Longer than proxies keep a silent connection, so that they close first and no request meets a closed one.
        timeout_keep_alive=75,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
