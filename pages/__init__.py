"""Thin scripts: read, draw, act on one intent."""
