"""An MCP server that adds numbers."""
