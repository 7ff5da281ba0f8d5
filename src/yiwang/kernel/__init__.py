"""Nouns and rules that any bureau shares; imports Django and small libraries only."""
