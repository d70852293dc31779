"""Kinds of columns: one file each."""
