"""How good and how fast: COCO AP, benchmark."""
