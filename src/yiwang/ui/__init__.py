"""Design system: base templates, tags, vendored scripts."""
