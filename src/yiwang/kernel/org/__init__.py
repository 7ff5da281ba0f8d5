"""Divisions, nodes, units, posts, people, parties and accounts."""
