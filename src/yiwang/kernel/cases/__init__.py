"""The case: asked, decided, closed; its types, opinions and notices."""
