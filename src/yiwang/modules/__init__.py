"""One folder per business. A module sees the kernel and the design system, never another module."""
