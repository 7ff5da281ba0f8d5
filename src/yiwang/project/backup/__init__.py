"""Backup and restore of a node: the database, its files and its settings together; the key ring apart."""
