"""Runs the server: `python -m probe_server`."""

import os

import uvicorn
from sse_starlette.sse import AppStatus

from .json_log import configure_logging
from .server import build_app

configure_logging()
# Else every stream is cut at SIGTERM, calls in flight with it. No stream outlives its call here.
AppStatus.disable_automatic_graceful_drain()
uvicorn.run(
    build_app(),
    host="0.0.0.0",
    port=int(os.environ.get("PORT", "8000")),
    log_config=None,
    timeout_graceful_shutdown=300,
    # Longer than proxies keep a silent connection, so that they close first and no request meets a closed one.
    timeout_keep_alive=75,
)
