"""Settings by use: `base` for running, `test` for the suite."""
