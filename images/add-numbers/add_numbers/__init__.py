"""An MCP server that adds numbers, and shows what streaming, size, load and headers do on the way to it."""
