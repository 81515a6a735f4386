package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Numpy's slicing. Each entry of {@code begin}, {@code end} and {@code strides} is one item between
 * the brackets; bit masks say which of them are open ends, an ellipsis, a new axis or an index.
 *
 * @see <a href="https://www.tensorflow.org/api_docs/python/tf/strided_slice">tf.strided_slice</a>
 */
final class StridedSlices {
  private final TfNode node;
  private final long beginMask;
  private final long endMask;
  private final long ellipsisMask;
  private final long newAxisMask;
  private final long shrinkMask;

  private final List<Value> starts = new ArrayList<>();
  private final List<Value> ends = new ArrayList<>();
  private final List<Long> axes = new ArrayList<>();
  private final List<Long> steps = new ArrayList<>();
  private final List<Long> indexAxes = new ArrayList<>();
  private final List<Value> indices = new ArrayList<>();
  private final List<Long> newAxes = new ArrayList<>();

  private StridedSlices(TfNode node) {
    this.node = node;
    beginMask = node.attributes().integer("begin_mask", 0);
    endMask = node.attributes().integer("end_mask", 0);
    ellipsisMask = node.attributes().integer("ellipsis_mask", 0);
    newAxisMask = node.attributes().integer("new_axis_mask", 0);
    shrinkMask = node.attributes().integer("shrink_axis_mask", 0);
  }

  static Value lower(TfNode node) {
    StridedSlices slices = new StridedSlices(node);
    slices.read();
    return slices.build();
  }

  private void read() {
    long[] strides = node.constants(3, "the strides");
    int items = strides.length;
    if (Long.bitCount(ellipsisMask) > 1) {
      throw node.error(ErrorCode.MODEL_INVALID, "there are several ellipses").toException();
    }
    long axis = 0;
    long outputAxis = 0;
    for (int i = 0; i < items; i++) {
      if (bit(ellipsisMask, i)) {
        long rest = items - i - 1 - Long.bitCount(newAxisMask >>> (i + 1));
        long skipped = Math.max(0, node.rank(0) - rest - axis);
        axis += skipped;
        outputAxis += skipped;
      } else if (bit(newAxisMask, i)) {
        newAxes.add(outputAxis++);
      } else if (bit(shrinkMask, i)) {
        indexAxes.add(axis++);
        indices.add(element(1, i, true));
      } else {
        boolean openBegin = bit(beginMask, i);
        boolean openEnd = bit(endMask, i);
        boolean forward = strides[i] > 0;
        if (strides[i] == 0) {
          throw node.error(ErrorCode.MODEL_INVALID, "a stride is zero").toException();
        }
        if (!openBegin || !openEnd || strides[i] != 1) {
          starts.add(openBegin ? node.vector(forward ? 0 : -1) : element(1, i, false));
          long open = forward ? Long.MAX_VALUE : Long.MIN_VALUE;
          ends.add(openEnd ? node.vector(open) : element(2, i, false));
          axes.add(axis);
          steps.add(strides[i]);
        }
        axis++;
        outputAxis++;
      }
    }
  }

  private static boolean bit(long mask, int i) {
    return (mask >>> i & 1) == 1;
  }

  /** {@return one element of {@code begin} or {@code end}, as a vector of one or a scalar} */
  private Value element(int operand, int i, boolean scalar) {
    Optional<Long> known =
        node.contents(operand)
            .map(Contents::dims)
            .filter(dims -> dims.get(i).isKnown())
            .map(dims -> dims.get(i).known());
    if (known.isPresent()) {
      return scalar ? index(known.get()) : node.vector(known.get());
    }
    Value all = node.i64(operand);
    return node.builder().gather(all, scalar ? index(i) : node.vector(i), a -> a.axis(0));
  }

  private Value index(long value) {
    return node.builder().constant(node.name() + "/index", Tensor.scalar(DType.I64, value));
  }

  private Value build() {
    int steps = (axes.isEmpty() ? 0 : 1) + indexAxes.size() + (newAxes.isEmpty() ? 0 : 1);
    node.ignore(1);
    node.ignore(2);
    Value value = node.in(0);
    if (!axes.isEmpty()) {
      Value from = joined(starts);
      Value to = joined(ends);
      Value along = node.vector(ShapeRules.unboxed(axes));
      Value by = node.vector(ShapeRules.unboxed(this.steps));
      value = builder(--steps).slice(value, from, to, along, by);
    }
    for (int i = indexAxes.size() - 1; i >= 0; i--) {
      long axis = indexAxes.get(i);
      value = builder(--steps).gather(value, indices.get(i), a -> a.axis(axis));
    }
    if (!newAxes.isEmpty()) {
      value = builder(--steps).unsqueeze(value, node.vector(ShapeRules.unboxed(newAxes)));
    }
    return value;
  }

  private GraphBuilder builder(int left) {
    return left == 0 ? node.main() : node.builder();
  }

  private Value joined(List<Value> elements) {
    if (elements.stream().allMatch(v -> v.constant().isPresent())) {
      return node.vector(
          elements.stream().mapToLong(v -> v.constant().orElseThrow().toLongs()[0]).toArray());
    }
    return elements.size() == 1
        ? elements.getFirst()
        : node.builder().concat(elements, a -> a.axis(0));
  }
}
