"""The digits of the example: scikit-learn's 1,797 handwritten ones, one fifth of them held out."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 20
HERE = Path(__file__).resolve().parent
NCHW, NHWC = (-1, 1, 8, 8), (-1, 8, 8, 1)
REQUIRED_ACCURACY = 0.96


def split_digits():
    """Pixels in [0, 1] as [N, 64] float32 and labels int64: train_x, test_x, train_y, test_y."""
    pixels, labels = load_digits(return_X_y=True)
    pixels = (pixels / 16).astype(np.float32)
    return train_test_split(pixels, labels.astype(np.int64), test_size=0.2, stratify=labels, random_state=SEED)


def save_expected(name, outputs):
    (HERE / "expected").mkdir(exist_ok=True)
    np.save(HERE / "expected" / f"{name}.npy", outputs)


def report(what, scores, labels):
    accuracy = float((scores.argmax(axis=1) == labels).mean())
    print(f"{what:<16} {accuracy:.4f} on {len(labels)} held-out digits")
    if accuracy < REQUIRED_ACCURACY:
        raise SystemExit(f"{what}: accuracy {accuracy:.4f} is below {REQUIRED_ACCURACY}")


def main():
    """Writes the held-out digits, flat and as images in both layouts."""
    _, pixels, _, labels = split_digits()
    np.save(HERE / "digits.npy", pixels)
    np.save(HERE / "digits_images.npy", pixels.reshape(NCHW))
    np.save(HERE / "digits_images_nhwc.npy", pixels.reshape(NHWC))
    np.save(HERE / "labels.npy", labels)


if __name__ == "__main__":
    main()
