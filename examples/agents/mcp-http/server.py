"""Tools for a gardener, over the Model Context Protocol."""

import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("garden", stateless_http=True, json_response=True)


@mcp.tool()
def watering(plant: str, days_without_rain: int) -> str:
    """How much water a plant needs now."""
    litres = max(0, days_without_rain - 2) * (2 if plant == "tomato" else 1)
    return f"{litres} l for the {plant}"


if __name__ == "__main__":
    mcp.run(transport=os.environ.get("MCP_TRANSPORT", "streamable-http"))
