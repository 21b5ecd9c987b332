"""An MCP server with which tests look at what streaming, size, load and headers do on the way to a server."""
