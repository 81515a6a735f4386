package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Shapes, and tensors of a given shape. */
final class ShapeRules {
  private ShapeRules() {}

  static void register(Rules rules) {
    rules.on("Reshape", ShapeRules::reshape);
    rules.on("Shape", n -> shape(n, n.in(0)));
    rules.several("ShapeN", ShapeRules::shapes);
    rules.on("Size", ShapeRules::size);
    rules.on("Rank", n -> n.builder().constant(n.name(), scalar(n.rank(0))));
    rules.on("Squeeze", ShapeRules::squeeze);
    rules.on("ExpandDims", ShapeRules::expandDims);
    rules.on("Transpose", ShapeRules::transpose);
    rules.on("BroadcastTo", ShapeRules::broadcastTo);
    rules.on("BroadcastArgs", ShapeRules::broadcastShapes);
    rules.on("Fill", ShapeRules::fill);
    rules.on("ZerosLike", n -> like(n, 0));
    rules.on("OnesLike", n -> like(n, 1));
    rules.on("Range", n -> n.main().range(n.in(0), n.in(1), n.in(2)));
    rules.on("Tile", ShapeRules::tile);
  }

  private static Tensor scalar(long value) {
    return Tensor.scalar(DType.I32, value);
  }

  /** A zero in TensorFlow's shape is a length, in the plain operator's by default a copy. */
  private static Value reshape(TfNode node) {
    Value shape = node.i64(1);
    boolean mayBeZero =
        shape
            .contents()
            .map(c -> c.dims().stream().anyMatch(d -> !d.isKnown() || d.is(0)))
            .orElse(true);
    boolean inferred =
        shape.contents().map(Contents::dims).stream().flatMap(List::stream).anyMatch(d -> d.is(-1));
    return node.main().reshape(node.in(0), shape, a -> a.allowzero(mayBeZero && !inferred));
  }

  private static Value shape(TfNode node, Value x) {
    DType type = node.attributes().type("out_type", DType.I32);
    if (type == DType.I64) {
      return node.main().shape(x);
    }
    Value shape = node.builder().shape(x);
    return node.main().cast(shape, a -> a.to(type.onnxCode()));
  }

  private static List<Value> shapes(TfNode node) {
    DType type = node.attributes().type("out_type", DType.I32);
    return node.all().stream().map(x -> node.cast(node.builder().shape(x), type)).toList();
  }

  private static Value size(TfNode node) {
    DType type = node.attributes().type("out_type", DType.I32);
    Value size = node.builder().size(node.in(0));
    return type == DType.I64 ? size : node.main().cast(size, a -> a.to(type.onnxCode()));
  }

  private static Value squeeze(TfNode node) {
    List<Long> axes =
        Stream.of("squeeze_dims", "axis")
            .flatMap(name -> node.attributes().integers(name).stream())
            .toList();
    return axes.isEmpty()
        ? node.main().squeeze(node.in(0))
        : node.main().squeeze(node.in(0), node.vector(unboxed(axes)));
  }

  private static Value expandDims(TfNode node) {
    return node.main().unsqueeze(node.in(0), node.vector(node.constant(1, "the axis")));
  }

  private static Value transpose(TfNode node) {
    int[] perm =
        Arrays.stream(node.constants(1, "the permutation")).mapToInt(Math::toIntExact).toArray();
    return node.main().transpose(node.in(0), a -> a.perm(TfNode.longs(perm)));
  }

  private static Value broadcastTo(TfNode node) {
    Value shape = node.i64(1);
    return node.main().expand(node.in(0), shape);
  }

  /** The shape that two shapes broadcast to. */
  private static Value broadcastShapes(TfNode node) {
    GraphBuilder b = node.builder();
    Value first = b.expand(node.scalar(DType.BOOL, 0), node.i64(0));
    Value shape = b.shape(b.expand(first, node.i64(1)));
    DType type = node.dtype(0);
    return type == DType.I64 ? shape : node.main().cast(shape, a -> a.to(type.onnxCode()));
  }

  private static Value fill(TfNode node) {
    Value shape = node.i64(0);
    return node.main().expand(node.in(1), shape);
  }

  private static Value like(TfNode node, long value) {
    GraphBuilder b = node.builder();
    DType dtype = node.dtype(0);
    if (node.in(0).type() instanceof ValueType.TensorType type && type.shape().isKnown()) {
      Value one = node.scalar(dtype, value);
      return node.main().expand(one, node.vector(type.shape().known().orElseThrow()));
    }
    Value shape = b.shape(node.in(0));
    return node.main().expand(node.scalar(dtype, value), shape);
  }

  private static Value tile(TfNode node) {
    Value repeats = node.i64(1);
    return node.main().tile(node.in(0), repeats);
  }

  static long[] unboxed(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
