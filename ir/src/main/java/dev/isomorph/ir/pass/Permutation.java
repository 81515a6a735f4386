package dev.isomorph.ir.pass;

import dev.isomorph.ir.op.TransposeOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An order of axes: axis {@code i} of the result is axis {@code axes[i]} of the operand.
 *
 * @param axes each of 0 to rank − 1 once
 */
record Permutation(List<Integer> axes) {
  Permutation {
    axes = List.copyOf(axes);
  }

  static Permutation of(int... axes) {
    return new Permutation(Arrays.stream(axes).boxed().toList());
  }

  /** What a node does to an operand of this rank; reversed axes when nothing is given. */
  static Permutation of(TransposeOp op, int rank) {
    return new Permutation(
        op.perm()
            .map(p -> p.stream().map(Long::intValue).toList())
            .orElseGet(() -> IntStream.range(0, rank).mapToObj(i -> rank - 1 - i).toList()));
  }

  static Permutation identity(int rank) {
    return new Permutation(IntStream.range(0, rank).boxed().toList());
  }

  /** From channels behind the spatial axes to channels before them. */
  static Permutation channelsFirst(int rank) {
    List<Integer> axes = new ArrayList<>(List.of(0, rank - 1));
    IntStream.range(1, rank - 1).forEach(axes::add);
    return new Permutation(axes);
  }

  /** From channels before the spatial axes to channels behind them. */
  static Permutation channelsLast(int rank) {
    return channelsFirst(rank).inverse();
  }

  int rank() {
    return axes.size();
  }

  boolean isIdentity() {
    return equals(identity(rank()));
  }

  /** This one first, then another. */
  Permutation then(Permutation next) {
    return new Permutation(next.axes.stream().map(axes::get).toList());
  }

  Permutation inverse() {
    Integer[] inverse = new Integer[rank()];
    for (int i = 0; i < rank(); i++) {
      inverse[axes.get(i)] = i;
    }
    return new Permutation(List.of(inverse));
  }

  /** Where an axis of the operand stands in the result. */
  int position(int axis) {
    return axes.indexOf(axis);
  }

  /** The elements of a list with one entry per axis of the operand, in the result's order. */
  <T> List<T> permute(List<T> perAxis) {
    return axes.stream().map(perAxis::get).toList();
  }

  int[] toArray() {
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  List<Long> toLongs() {
    return axes.stream().map(Integer::longValue).toList();
  }

  TransposeOp toOp() {
    return TransposeOp.builder().perm(toLongs()).build();
  }
}
