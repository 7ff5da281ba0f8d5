"""The back office: one worklist, the case page, the phone desk."""
