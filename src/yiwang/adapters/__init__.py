"""Implementations of kernel ports: mail, text messages, scanners, stores."""
