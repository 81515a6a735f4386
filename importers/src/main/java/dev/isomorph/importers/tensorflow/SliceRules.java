package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Parts of tensors, and tensors put together. */
final class SliceRules {
  private SliceRules() {}

  static void register(Rules rules) {
    rules.on("StridedSlice", StridedSlices::lower);
    rules.on("Slice", SliceRules::slice);
    rules.several("Split", SliceRules::split);
    rules.several("SplitV", SliceRules::splitInto);
    rules.several("Unpack", SliceRules::unpack);
    rules.on("Pack", SliceRules::pack);
    rules.on("ConcatV2", n -> concat(n, n.count() - 1, 0));
    rules.on("Concat", n -> concat(n, 0, 1));
    rules.on("ReverseV2", SliceRules::reverse);
  }

  /** A size of −1 stands for all that is left. */
  private static Value slice(TfNode node) {
    GraphBuilder b = node.builder();
    Value begin = node.i64(1);
    Value size = node.i64(2);
    Optional<long[]> sizes = node.contents(2).filter(Contents::isKnown).map(Contents::known);
    Optional<long[]> begins = node.contents(1).filter(Contents::isKnown).map(Contents::known);
    int rank = node.rank(0);
    Value axes = node.vector(IntStream.range(0, rank).asLongStream().toArray());
    if (sizes.isPresent() && begins.isPresent()) {
      long[] ends = sizes.get().clone();
      for (int i = 0; i < ends.length; i++) {
        ends[i] = ends[i] < 0 ? Long.MAX_VALUE : ends[i] + begins.get()[i];
      }
      return node.main().slice(node.in(0), node.vector(begins.get()), node.vector(ends), axes);
    }
    Value rest = b.less(size, node.vector(0));
    Value ends = b.where(rest, node.vector(Long.MAX_VALUE), b.add(begin, size));
    return node.main().slice(node.in(0), begin, ends, axes);
  }

  private static List<Value> split(TfNode node) {
    long count = node.attributes().integer("num_split", node.attributes().integer("N", 1));
    long axis = node.constant(0, "the axis");
    int outputs = outputs(node, count);
    if (outputs == 1) {
      return List.of(node.in(1));
    }
    // Lengths are given where they are known: the plain operator makes a shorter last part
    // where TensorFlow would fail.
    Optional<Dim> length =
        Optional.of(node.shape(1))
            .filter(s -> s.isRanked())
            .map(s -> s.dim(node.axis(axis, s.rank())));
    if (length.isPresent() && length.get().isKnown() && length.get().known() % count == 0) {
      long part = length.get().known() / count;
      Value parts = node.vector(ShapeRules.unboxed(Collections.nCopies(outputs, part)));
      return node.main().split(node.in(1), parts, outputs, a -> a.axis(axis));
    }
    return node.main().split(node.in(1), outputs, a -> a.axis(axis).numOutputs(count));
  }

  private static int outputs(TfNode node, long count) {
    if (count < 1 || count > 1 << 20) {
      throw node.error(ErrorCode.MODEL_INVALID, "the number of parts is out of range")
          .expected("1 or more", count)
          .toException();
    }
    return (int) count;
  }

  private static List<Value> splitInto(TfNode node) {
    int outputs = outputs(node, node.attributes().integer("num_split", 1));
    long axis = node.constant(2, "the axis");
    long[] lengths = node.constants(1, "the lengths").clone();
    long rest = -1;
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 0) {
        Dim total = node.shape(0).dim(node.axis(axis, node.rank(0)));
        long others = IntStream.range(0, lengths.length).mapToLong(k -> lengths[k]).sum() + 1;
        rest = node.known(total, "the length of the axis") - others;
        lengths[i] = rest;
      }
    }
    if (lengths.length != outputs) {
      throw node.error(ErrorCode.MODEL_INVALID, "there are not as many lengths as parts")
          .expected(outputs, lengths.length)
          .toException();
    }
    return node.main().split(node.in(0), node.vector(lengths), outputs, a -> a.axis(axis));
  }

  private static List<Value> unpack(TfNode node) {
    long axis = node.attributes().integer("axis", 0);
    int count = outputs(node, node.attributes().integer("num", 1));
    GraphBuilder b = node.builder();
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Value index = b.constant(node.name() + "/index", Tensor.scalar(DType.I64, (long) i));
      parts.add(b.gather(node.in(0), index, a -> a.axis(axis)));
    }
    return parts;
  }

  private static Value pack(TfNode node) {
    long axis = node.attributes().integer("axis", 0);
    Value at = node.vector(axis);
    List<Value> parts = node.all().stream().map(x -> node.builder().unsqueeze(x, at)).toList();
    return node.main().concat(parts, a -> a.axis(axis));
  }

  private static Value concat(TfNode node, int axisAt, int from) {
    long axis = node.constant(axisAt, "the axis");
    List<Value> parts = node.in(from, from + node.count() - 1);
    return parts.size() == 1 ? parts.getFirst() : node.main().concat(parts, a -> a.axis(axis));
  }

  private static Value reverse(TfNode node) {
    long[] axes = node.constants(1, "the axes");
    if (axes.length == 0) {
      return node.in(0);
    }
    long[] all = new long[axes.length];
    Arrays.fill(all, -1);
    long[] ends = new long[axes.length];
    Arrays.fill(ends, Long.MIN_VALUE);
    return node.main()
        .slice(
            node.in(0), node.vector(all), node.vector(ends), node.vector(axes), node.vector(all));
  }
}
