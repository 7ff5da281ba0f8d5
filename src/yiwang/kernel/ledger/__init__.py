"""Subjects and the hash-chained entries that are audit, history and outbox at once."""
