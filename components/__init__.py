"""Pieces that draw values and return what the user wants."""
