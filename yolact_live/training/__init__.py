"""Training of small YOLACT models (extra ``train``; the only part that imports torch)."""
