"""How long a photo takes on its way to `image_size`: JPEG files decoded whole, or reduced.

    python examples/benchmarks/photos.py

Smooth random images with noise, quality 90; milliseconds are medians of nine, by turns; differences
are those of the resized pixels, of 255.
"""

import io
import time

import numpy as np
from PIL import Image

from skmtl.preprocessing import load_image
from skmtl.preprocessing._resize import resize_image

PHOTOS = ((4000, 3000), (1920, 1080), (1024, 768), (640, 480))
SIZES = ((224, 224), (96, 96))


def photo(width, height, rng):
    """Return the bytes of a JPEG file."""
    small = Image.fromarray(rng.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8))
    pixels = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    noisy = (pixels + rng.normal(0, 8, (height, width, 1))).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=90)
    return file.getvalue()


def main():
    """Print the table."""
    rng = np.random.default_rng(0)
    print("| photo | image_size | whole (ms) | reduced (ms) | times | mean difference | largest |")
    print("|---|---|---|---|---|---|---|")
    for width, height in PHOTOS:
        data = photo(width, height, rng)
        for size in SIZES:
            seconds, images = {None: [], size: []}, {}
            for _ in range(9):
                for for_size, clock in seconds.items():
                    started = time.perf_counter()
                    image = load_image(data, row=0, for_size=for_size)
                    images[for_size] = resize_image(image, size, "stretch")
                    clock.append(time.perf_counter() - started)
            whole, reduced = (1000 * np.median(clock) for clock in seconds.values())
            difference = np.abs(images[None].astype(int) - images[size])
            print(
                f"| {width} × {height} | {size[0]} × {size[1]} | {whole:.1f} | {reduced:.1f} | "
                f"{whole / reduced:.2f} | {difference.mean():.2f} | {difference.max()} |"
            )


if __name__ == "__main__":
    main()
