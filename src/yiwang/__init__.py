"""Yiwang 一网: one network, many application systems, for bureaus linked in four levels."""
