"""Errors, moments, identifiers, expressions and masks; no tables."""
