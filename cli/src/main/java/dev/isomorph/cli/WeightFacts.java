package dev.isomorph.cli;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * What a tensor's numbers are like.
 *
 * @param min smallest finite element
 * @param max largest finite element
 * @param mean mean of the finite elements
 * @param notFinite how many elements are NaN or infinite
 * @param known whether there are numbers at all
 */
record WeightFacts(double min, double max, double mean, long notFinite, boolean known) {
  private static final long CHUNK = 1 << 16;

  static WeightFacts of(Tensor tensor) {
    boolean numbers = tensor.dtype() != DType.STRING && tensor.dtype().kind() != DType.Kind.COMPLEX;
    if (!numbers || tensor.size() == 0) {
      return new WeightFacts(0, 0, 0, 0, false);
    }
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    long notFinite = 0;
    for (long from = 0; from < tensor.size(); from += CHUNK) {
      for (double value : part(tensor, from, Math.min(CHUNK, tensor.size() - from))) {
        if (Double.isFinite(value)) {
          min = Math.min(min, value);
          max = Math.max(max, value);
          sum += value;
        } else {
          notFinite++;
        }
      }
    }
    long finite = tensor.size() - notFinite;
    return new WeightFacts(min, max, finite == 0 ? 0 : sum / finite, notFinite, true);
  }

  /** {@return some elements as numbers: a tensor need not fit the heap} */
  static double[] part(Tensor tensor, long from, long count) {
    MemorySegment buffer = Tensor.allocate(tensor.dtype().byteSize(count));
    tensor.write(from, count, buffer);
    return Tensor.of(tensor.dtype(), new long[] {count}, buffer).toDoubles();
  }

  String text() {
    if (!known) {
      return "";
    }
    String range =
        min > max
            ? "no finite element"
            : "%s … %s, mean %s"
                .formatted(Texts.number(min), Texts.number(max), Texts.number(mean));
    return notFinite == 0 ? range : range + ", " + notFinite + " not finite";
  }
}
