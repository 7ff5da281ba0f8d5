"""Envelopes between units and nodes: signed, sealed, delivered once, receipted."""
