package dev.isomorph.runtime.cpu;

/**
 * Maps the row-major place of an element of one shape to a place in another array by strides.
 *
 * @param dims the shape that is walked
 * @param strides elements of the other array from one index to the next along each axis
 * @param offset where index zero lies
 */
record Index(long[] dims, long[] strides, long offset) {
  /** {@return the places of an operand of {@code shape} that is broadcast to {@code dims}} */
  static Index of(long[] dims, long[] shape) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[dims.length - shape.length + i] = shape[i] == 1 ? 0 : step;
      step *= shape[i];
    }
    return new Index(dims, strides, 0);
  }

  /** {@return elements from one index to the next along each axis of a dense array} */
  static long[] strides(long... dims) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= dims[i];
    }
    return strides;
  }

  /** {@return the place of the element that stands at {@code flat} in row-major order} */
  long at(long flat) {
    long at = offset;
    for (int i = dims.length - 1; i >= 0; i--) {
      at += flat % dims[i] * strides[i];
      flat /= dims[i];
    }
    return at;
  }

  /** {@return the product of {@code dims[from, to)}} */
  static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }
}
