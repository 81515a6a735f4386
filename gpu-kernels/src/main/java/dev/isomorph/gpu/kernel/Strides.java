package dev.isomorph.gpu.kernel;

/** Arithmetic on shapes: steps from one index to the next, in elements. */
final class Strides {
  private Strides() {}

  /** {@return the steps of a row-major array} */
  static long[] of(long... dims) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= dims[i];
    }
    return strides;
  }

  /**
   * {@return the steps of a row-major operand of {@code shape} that is broadcast to {@code dims}}
   */
  static long[] broadcast(long[] dims, long[] shape) {
    long[] own = of(shape);
    long[] strides = new long[dims.length];
    for (int i = 0; i < shape.length; i++) {
      strides[dims.length - shape.length + i] = shape[i] == 1 ? 0 : own[i];
    }
    return strides;
  }

  /** {@return where the element at a row-major place of {@code dims} stands} */
  static long place(long at, long[] dims, long[] strides) {
    long place = 0;
    for (int i = dims.length - 1; i >= 0; i--) {
      place += at % dims[i] * strides[i];
      at /= dims[i];
    }
    return place;
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
