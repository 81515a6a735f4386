package dev.isomorph.importers.tensorflow;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import java.util.stream.IntStream;

/** Products of matrices, and the addition of a bias. */
final class MatrixRules {
  private MatrixRules() {}

  static void register(Rules rules) {
    rules.on("MatMul", MatrixRules::matMul);
    for (String op : new String[] {"BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"}) {
      rules.on(op, MatrixRules::batchMatMul);
    }
    rules.on("BiasAdd", MatrixRules::biasAdd);
    rules.on("BiasAddV1", n -> n.main().add(n.in(0), n.in(1)));
    rules.on("Einsum", MatrixRules::einsum);
  }

  private static Value matMul(TfNode node) {
    node.attributes().ignore("grad_a", "grad_b");
    boolean transposeA = node.attributes().flag("transpose_a", false);
    boolean transposeB = node.attributes().flag("transpose_b", false);
    Value a = transposeA ? node.permuted(0, 1, 0) : node.in(0);
    Value b = transposeB ? node.permuted(1, 1, 0) : node.in(1);
    return node.main().matMul(a, b);
  }

  private static Value batchMatMul(TfNode node) {
    node.attributes().ignore("Ta", "Tb", "Tout", "grad_x", "grad_y");
    DType dtype = node.dtype(0);
    if (dtype != node.dtype(1)) {
      throw node.unsupported("%s of %s and %s", node.op(), dtype, node.dtype(1));
    }
    Value x = node.attributes().flag("adj_x", false) ? swapped(node, 0) : node.in(0);
    Value y = node.attributes().flag("adj_y", false) ? swapped(node, 1) : node.in(1);
    return node.main().matMul(x, y);
  }

  private static Value swapped(TfNode node, int index) {
    if (node.dtype(index).kind() == DType.Kind.COMPLEX) {
      throw node.unsupported("the adjoint of a complex matrix");
    }
    int rank = node.rank(index);
    int[] perm = IntStream.range(0, rank).toArray();
    perm[rank - 2] = rank - 1;
    perm[rank - 1] = rank - 2;
    return node.permuted(index, perm);
  }

  private static Value biasAdd(TfNode node) {
    Value bias = node.in(1);
    if (Layout.of(node, "NHWC").channelsFirst()) {
      int rank = node.rank(0);
      if (rank > 2) {
        long[] axes = IntStream.range(1, rank - 1).asLongStream().toArray();
        bias = node.builder().unsqueeze(bias, node.vector(axes));
      }
    }
    return node.main().add(node.in(0), bias);
  }

  private static Value einsum(TfNode node) {
    String equation = node.attributes().text("equation", "");
    return node.main().einsum(node.all(), a -> a.equation(equation));
  }
}
