"""Segment every object in live or recorded video, in real time."""

__version__ = "0.1.0"
