package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How operands of different shapes go together by ONNX's multidirectional broadcasting (NumPy's
 * rule): shapes are aligned at their last axes, a length of 1 is repeated. Axes that lie together
 * in all operands are merged.
 *
 * @param dims the result's shape
 * @param merged the result's shape with axes merged
 * @param strides for each operand, elements from one index to the next along each merged axis; 0
 *     where it is repeated
 */
public record Broadcast(long[] dims, long[] merged, long[][] strides) {

  /**
   * {@return the plan for operands of these shapes}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#RUN_FAILED} if they do
   *     not go together
   */
  public static Broadcast of(List<long[]> shapes) {
    return to(result(shapes), shapes);
  }

  /** {@return the shape to which all {@code shapes} broadcast} */
  public static long[] result(List<long[]> shapes) {
    int rank = shapes.stream().mapToInt(s -> s.length).max().orElse(0);
    long[] dims = new long[rank];
    Arrays.fill(dims, 1);
    for (long[] shape : shapes) {
      for (int i = 0; i < shape.length; i++) {
        int axis = rank - shape.length + i;
        if (shape[i] != 1 && dims[axis] != 1 && dims[axis] != shape[i]) {
          StringBuilder text = new StringBuilder();
          shapes.forEach(
              s -> text.append(text.isEmpty() ? "" : " and ").append(Arrays.toString(s)));
          throw Diagnostic.error(ErrorCode.RUN_FAILED, "shapes %s do not broadcast", text)
              .toException();
        }
        if (shape[i] != 1) {
          dims[axis] = shape[i];
        }
      }
    }
    return dims;
  }

  /**
   * {@return the plan for operands of these shapes in a result that is at least their broadcast}
   */
  public static Broadcast to(long[] dims, List<long[]> shapes) {
    int rank = dims.length;
    long[][] strides = new long[shapes.size()][rank];
    for (int o = 0; o < strides.length; o++) {
      long[] shape = shapes.get(o);
      long step = 1;
      for (int i = shape.length - 1; i >= 0; i--) {
        strides[o][rank - shape.length + i] = shape[i] == 1 ? 0 : step;
        step *= shape[i];
      }
    }
    return merge(dims, strides);
  }

  private static Broadcast merge(long[] dims, long[][] strides) {
    List<Long> lengths = new ArrayList<>();
    List<long[]> steps = new ArrayList<>();
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims[axis] == 1) {
        continue;
      }
      long[] step = new long[strides.length];
      for (int o = 0; o < step.length; o++) {
        step[o] = strides[o][axis];
      }
      boolean together = !lengths.isEmpty();
      for (int o = 0; together && o < step.length; o++) {
        together = steps.getLast()[o] == step[o] * dims[axis];
      }
      if (together) {
        lengths.set(lengths.size() - 1, lengths.getLast() * dims[axis]);
        steps.set(steps.size() - 1, step);
      } else {
        lengths.add(dims[axis]);
        steps.add(step);
      }
    }
    if (lengths.isEmpty()) {
      lengths.add(1L);
      steps.add(new long[strides.length]);
    }
    long[] merged = lengths.stream().mapToLong(Long::longValue).toArray();
    long[][] out = new long[strides.length][merged.length];
    for (int o = 0; o < out.length; o++) {
      for (int i = 0; i < merged.length; i++) {
        out[o][i] = steps.get(i)[o];
      }
    }
    return new Broadcast(dims, merged, out);
  }

  /** {@return whether operand {@code o} has one element per element of the result, in its order} */
  boolean isFlat(int o) {
    return merged.length == 1 && strides[o][0] == 1;
  }
}
