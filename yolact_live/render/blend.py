"""The compositing kernel: masks and outlines over a picture, in one pass inside the boxes."""

from __future__ import annotations

import numpy as np

from yolact_live.jit import kernel


@kernel("void(u1[:,:,::1], u2[:,::1], i4[:,::1], u1[:,::1], i8, i8)")
def blend(image, labels, extents, colours, opacity, outline):  # type: ignore[no-untyped-def]
    """Tint every pixel of an instance with its colour; outlines are opaque.

    Each pixel belongs to one instance only, so that where masks overlap the topmost is seen
    and no third colour appears.

    Args:
        image: (H, W, 3) u8, changed in place.
        labels: (H, W) u16 label map, 0 = none, i + 1 = instance i.
        extents: (N, 4) i32, x1, y1, x2, y2, the pixels that instance i can reach.
        colours: (N, 3) u8.
        opacity: 0 to 256.
        outline: width of the outline in pixels, inside the mask; 0 = none.
    """
    height, width = labels.shape
    keep = 256 - opacity
    for n in range(len(extents)):
        value = np.uint16(n + 1)
        c0, c1, c2 = colours[n, 0], colours[n, 1], colours[n, 2]
        a0, a1, a2 = c0 * opacity, c1 * opacity, c2 * opacity
        for y in range(extents[n, 1], extents[n, 3]):
            row = labels[y]
            above, below = labels[max(y - outline, 0)], labels[min(y + outline, height - 1)]
            for x in range(extents[n, 0], extents[n, 2]):
                if row[x] != value:
                    continue
                if outline > 0 and (
                    above[x] != value
                    or below[x] != value
                    or row[max(x - outline, 0)] != value
                    or row[min(x + outline, width - 1)] != value
                ):
                    image[y, x, 0], image[y, x, 1], image[y, x, 2] = c0, c1, c2
                else:
                    image[y, x, 0] = (image[y, x, 0] * keep + a0) >> 8
                    image[y, x, 1] = (image[y, x, 1] * keep + a1) >> 8
                    image[y, x, 2] = (image[y, x, 2] * keep + a2) >> 8
