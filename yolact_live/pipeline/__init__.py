"""Threads, queues, clocks, metrics."""
