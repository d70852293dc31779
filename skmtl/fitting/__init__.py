"""From parameters, a table and labels to a trained network."""
