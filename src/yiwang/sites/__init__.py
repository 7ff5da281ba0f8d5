"""Surfaces: what a kind of user sees. They reach modules only through the registry."""
