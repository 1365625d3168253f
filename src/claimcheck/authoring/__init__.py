"""Making and keeping the data and the rules: tools for authors, not needed to check a line."""
