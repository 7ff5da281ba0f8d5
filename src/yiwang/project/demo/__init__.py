"""Demonstration data: plainly invented people at four levels of one real province, cases made through the actions."""
