"""Rows in bulk, as the actions would have written them, for benchmarks that need a million cases."""
