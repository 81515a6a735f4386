package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.op.EinsumOp;
import dev.isomorph.ir.op.GemmOp;
import dev.isomorph.ir.op.MatMulOp;
import dev.isomorph.ir.tensor.DType;

/** Products of matrices. */
final class MatrixRaising {
  private MatrixRaising() {}

  static void register(RaisingRules rules) {
    rules.on(MatMulOp.class, MatrixRaising::matMul);
    rules.on(GemmOp.class, MatrixRaising::gemm);
    rules.on(EinsumOp.class, MatrixRaising::einsum);
  }

  private static Ref matMul(MatMulOp op, RaisingNode node) {
    int a = node.rank(0);
    int b = node.rank(1);
    if (a == 2 && b == 2) {
      return node.main("MatMul", node.in(0), node.in(1));
    }
    if (a >= 2 && b >= 2) {
      return node.main("BatchMatMulV2", node.in(0), node.in(1));
    }
    // A vector is a row in front of a matrix, a column behind it.
    Ref x = a == 1 ? node.sub("ExpandDims", node.in(0), node.scalar(DType.I32, 0)) : node.in(0);
    Ref y = b == 1 ? node.sub("ExpandDims", node.in(1), node.scalar(DType.I32, 1)) : node.in(1);
    Ref product = node.sub("BatchMatMulV2", x, y);
    long[] axes = a == 1 && b == 1 ? new long[] {-2, -1} : new long[] {a == 1 ? -2 : -1};
    return node.main("Squeeze", Attributes.none().integers("squeeze_dims", axes), product);
  }

  private static Ref gemm(GemmOp op, RaisingNode node) {
    DType dtype = node.dtype(0);
    boolean biased = node.has(2) && op.beta() != 0;
    boolean scaled = op.alpha() != 1;
    Attributes attributes = Attributes.none();
    if (op.transA() == 1) {
      attributes.flag("transpose_a", true);
    }
    if (op.transB() == 1) {
      attributes.flag("transpose_b", true);
    }
    Ref product =
        biased || scaled
            ? node.sub("MatMul", attributes, node.in(0), node.in(1))
            : node.main("MatMul", attributes, node.in(0), node.in(1));
    if (scaled) {
      Ref alpha = node.scalar(dtype, op.alpha());
      product = biased ? node.sub("Mul", product, alpha) : node.main("Mul", product, alpha);
    }
    if (!biased) {
      return product;
    }
    Ref bias = node.in(2);
    if (op.beta() != 1) {
      bias = node.sub("Mul", bias, node.scalar(dtype, op.beta()));
    }
    boolean perColumn =
        node.shape(2).hasRank(1) && node.shape(2).dim(0).equals(node.resultShape(0).dim(1));
    return node.main(perColumn ? "BiasAdd" : "AddV2", product, bias);
  }

  private static Ref einsum(EinsumOp op, RaisingNode node) {
    Ref[] all = node.all().toArray(Ref[]::new);
    String equation = op.equation().replace(" ", "");
    if (all.length > 2) {
      throw node.refused("Einsum of more than two operands");
    }
    if (!equation.contains("->")) {
      throw node.refused("Einsum without an explicit result: %s", equation);
    }
    return node.main("Einsum", Attributes.none().text("equation", equation), all);
  }
}
