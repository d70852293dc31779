"""Tables in Markdown, a row as soon as it is known."""


def row(*cells):
    """Print a row of a Markdown table; fractions have three digits."""
    texts = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells)
    print("| " + " | ".join(texts) + " |", flush=True)


def header(*cells):
    """Print the head of a Markdown table."""
    row(*cells)
    row(*["---"] * len(cells))
