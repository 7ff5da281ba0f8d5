"""One index of words over all subjects, scoped by grants."""
