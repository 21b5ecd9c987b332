"""The tools."""


def add_numbers(a: int | float, b: int | float) -> int | float:
    """Adds two numbers."""
    return a + b
