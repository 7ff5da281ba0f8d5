"""Limits, working days, pauses, due dates and how they came about."""
