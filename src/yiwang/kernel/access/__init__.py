"""Who may see what: grants, the two read doors, policies."""
