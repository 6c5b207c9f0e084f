"""The PySide6 window. It pulls from the pipeline; worker threads know nothing of Qt."""
