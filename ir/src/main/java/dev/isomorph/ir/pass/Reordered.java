package dev.isomorph.ir.pass;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Values in another order of axes that cost no transpose when the model runs. */
final class Reordered {
  private Reordered() {}

  /**
   * An operand of a broadcast in the order {@code perm}, if that can be had without moving
   * elements: a single number as it is, a stored tensor permuted, one in which only axes of length
   * 1 move reshaped.
   */
  static Optional<Value> cheaply(Patch.Builder p, Value value, Permutation perm) {
    Shape shape = value.type().shape();
    if (shape.rank() == 0 || shape.rank() == 1 && shape.dim(0).is(1)) {
      return Optional.of(value);
    }
    if (value instanceof Value.Parameter parameter) {
      return stored(parameter, perm).map(v -> v);
    }
    if (shape.rank() != perm.rank() || !keepsOrder(shape, perm)) {
      return Optional.empty();
    }
    return reshape(p, value, Shape.of(perm.permute(shape.dims())));
  }

  /** A stored tensor, with axes of length 1 put in front, in another order. */
  private static Optional<Value.Parameter> stored(Value.Parameter parameter, Permutation perm) {
    Tensor tensor = parameter.tensor();
    if (tensor.dtype().isPacked() || tensor.dtype() == DType.STRING) {
      return Optional.empty();
    }
    List<Long> dims = new ArrayList<>(Collections.nCopies(perm.rank() - tensor.rank(), 1L));
    Arrays.stream(tensor.dims()).forEach(dims::add);
    long[] wide = dims.stream().mapToLong(Long::longValue).toArray();
    Shape shape = Shape.of(wide);
    if (keepsOrder(shape, perm)) {
      long[] moved = perm.permute(dims).stream().mapToLong(Long::longValue).toArray();
      return Optional.of(Derived.from(parameter, tensor.reshape(moved), "reshaped"));
    }
    Tensor permuted = LazyTensors.transpose(tensor.reshape(wide), perm.toArray());
    return Optional.of(Derived.from(parameter, permuted, "transposed"));
  }

  /** Whether all axes of a length other than 1 stay in their order. */
  static boolean keepsOrder(Shape shape, Permutation perm) {
    List<Integer> moved = perm.axes().stream().filter(a -> !shape.dim(a).is(1)).toList();
    return moved.equals(moved.stream().sorted().toList());
  }

  /** A reshape to a shape of which at most one length is not known. */
  static Optional<Value> reshape(Patch.Builder p, Value value, Shape shape) {
    long unknown = shape.dims().stream().filter(d -> !d.isKnown()).count();
    boolean empty = shape.dims().stream().anyMatch(d -> d.is(0));
    if (unknown > 1 || empty) {
      return Optional.empty();
    }
    long[] target = shape.dims().stream().mapToLong(d -> d.isKnown() ? d.known() : -1).toArray();
    return Optional.of(p.reshape(value, p.constant(target)));
  }

  /** The lengths of axes, if all are known. */
  static Optional<long[]> known(List<Dim> dims) {
    return Shape.of(dims).known();
  }
}
