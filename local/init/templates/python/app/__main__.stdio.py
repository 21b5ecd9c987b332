"""Runs the server over stdio: `python -m app`. Messages have standard output: write logs to standard error."""

from .server import server

server.run("stdio")
