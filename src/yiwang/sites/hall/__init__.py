"""The public face: guides, applications, tracking, verification."""
