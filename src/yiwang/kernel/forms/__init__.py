"""Declarative forms: definition, validation, drafts, evidence, facts."""
