/** NumPy's {@code .npy} and {@code .npz} files, and NumPy objects inside pickles. */
package dev.isomorph.formats.numpy;
