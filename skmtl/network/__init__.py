"""The network: branches, fusion, trunk, heads, as plain functional Keras models."""
