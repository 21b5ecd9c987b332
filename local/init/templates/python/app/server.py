"""The server; its tools are registered here."""

from mcp.server import MCPServer

server = MCPServer("my-server", version="0.1.0", subscriptions=False)


@server.tool()
def greet(name: str) -> str:
    """Greets a person by name."""
    return f"Hello, {name}!"
