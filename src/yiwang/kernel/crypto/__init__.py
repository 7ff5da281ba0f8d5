"""Digests, tags, signatures and field encryption behind one key ring."""
