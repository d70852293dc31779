"""Results of a benchmark in a file, so that a later run goes on where one ended."""

import json
from pathlib import Path


class Results:
    """Numbers by key, in a file of JSON lines."""

    def __init__(self, path):
        self.path = Path(path)
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        self.found = {tuple(key): value for key, value in map(json.loads, lines)}

    def get(self, *key, compute):
        """Return what is known of a key, or compute and keep it."""
        if key not in self.found:
            value = compute()
            with self.path.open("a") as file:
                file.write(json.dumps([key, value]) + "\n")
            self.found[key] = value
        return self.found[key]
