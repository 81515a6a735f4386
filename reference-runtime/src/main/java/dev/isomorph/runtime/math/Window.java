package dev.isomorph.runtime.math;

import java.util.Arrays;

/**
 * A window that slides over the spatial axes of an array {@code [n, c, d…]}: kernel, strides,
 * dilations, zero padding before and after each axis. Immutable by convention.
 *
 * @param input lengths of the spatial axes
 * @param output positions of the window along each axis
 */
public record Window(
    long[] input,
    long[] kernel,
    long[] strides,
    long[] dilations,
    long[] before,
    long[] after,
    long[] output) {

  /**
   * {@return a window with ONNX's rules of {@code auto_pad} and {@code ceil_mode}}
   *
   * @param autoPad {@code NOTSET}, {@code VALID}, {@code SAME_UPPER} or {@code SAME_LOWER}
   * @param pads begins then ends; used with {@code NOTSET}
   * @param ceil whether a window that hangs over the end counts, if it starts inside the input or
   *     the padding before it
   * @throws IllegalArgumentException if lengths do not fit together or the window is larger than
   *     the padded input
   */
  public static Window of(
      long[] input,
      long[] kernel,
      long[] strides,
      long[] dilations,
      long[] pads,
      String autoPad,
      boolean ceil) {
    int rank = input.length;
    if (kernel.length != rank
        || strides.length != rank
        || dilations.length != rank
        || pads.length != 2 * rank) {
      throw new IllegalArgumentException(
          "kernel %s, strides %s, dilations %s, pads %s do not fit %d spatial axes"
              .formatted(
                  Arrays.toString(kernel),
                  Arrays.toString(strides),
                  Arrays.toString(dilations),
                  Arrays.toString(pads),
                  rank));
    }
    long[] before = new long[rank];
    long[] after = new long[rank];
    long[] output = new long[rank];
    for (int i = 0; i < rank; i++) {
      if (kernel[i] < 1 || strides[i] < 1 || dilations[i] < 1) {
        throw new IllegalArgumentException("kernel, strides and dilations must be at least 1");
      }
      long reach = (kernel[i] - 1) * dilations[i] + 1;
      switch (autoPad) {
        case "SAME_UPPER", "SAME_LOWER" -> {
          output[i] = Math.ceilDiv(input[i], strides[i]);
          long total = Math.max((output[i] - 1) * strides[i] + reach - input[i], 0);
          before[i] = autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
          after[i] = total - before[i];
        }
        case "NOTSET", "VALID" -> {
          boolean given = autoPad.equals("NOTSET");
          before[i] = given ? pads[i] : 0;
          after[i] = given ? pads[i + rank] : 0;
          long room = input[i] + before[i] + after[i] - reach;
          if (room < 0) {
            throw new IllegalArgumentException(
                "a window of %d does not fit the padded length %d of spatial axis %d"
                    .formatted(reach, input[i] + before[i] + after[i], i));
          }
          output[i] = (ceil ? Math.ceilDiv(room, strides[i]) : room / strides[i]) + 1;
          if (ceil && (output[i] - 1) * strides[i] >= input[i] + before[i]) {
            output[i]--;
          }
        }
        default -> throw new IllegalArgumentException("auto_pad is " + autoPad);
      }
    }
    return new Window(input, kernel, strides, dilations, before, after, output);
  }

  /** {@return the number of spatial axes} */
  public int rank() {
    return input.length;
  }

  /** {@return the number of elements under the window} */
  public long kernelSize() {
    return product(kernel);
  }

  /** {@return the number of positions} */
  public long outputSize() {
    return product(output);
  }

  /** {@return the number of spatial elements of the input} */
  public long inputSize() {
    return product(input);
  }

  /** {@return whether there is padding on any side} */
  boolean isPadded() {
    return Arrays.stream(before).anyMatch(p -> p != 0)
        || Arrays.stream(after).anyMatch(p -> p != 0);
  }

  private static long product(long[] values) {
    return Arrays.stream(values).reduce(1, (a, b) -> a * b);
  }
}
