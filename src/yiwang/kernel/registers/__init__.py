"""Registers: numbered, versioned entries that outlive any case, and quotas that are never exceeded."""
