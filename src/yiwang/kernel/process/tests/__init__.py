"""Tests of the token engine."""
