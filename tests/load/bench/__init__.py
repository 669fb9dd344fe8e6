"""The benchmark: a file a concern."""
