package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.Value;

/** Matrix products. */
final class AtenLinear {
  private AtenLinear() {}

  static void register() {
    for (String name : new String[] {"matmul", "mm", "bmm", "mv", "dot"}) {
      AtenRules.on(name, AtenLinear::matmul);
    }
    AtenRules.on("linear", AtenLinear::linear);
    AtenRules.on("addmm", AtenLinear::addmm);
  }

  private static PyObject matmul(AtenCall c) {
    TensorRef a = c.tensor("self");
    String second =
        c.has("other") ? "other" : c.has("mat2") ? "mat2" : c.has("vec") ? "vec" : "tensor";
    TensorRef b = c.tensor(second);
    if (a.dtype() != b.dtype()) {
      throw c.in()
          .raise(
              "RuntimeError",
              "expected m1 and m2 to have the same dtype, but got: %s != %s",
              a.dtype(),
              b.dtype());
    }
    return c.result(c.graph().matMul(a.value(), b.value()));
  }

  private static PyObject linear(AtenCall c) {
    TensorRef x = c.tensor("input");
    TensorRef weight = c.tensor("weight");
    Value bias = c.optionalValue("bias");
    if (x.rank() == 2 && weight.rank() == 2) {
      return c.result(
          bias.isAbsent()
              ? c.graph().gemm(x.value(), weight.value(), a -> a.transB(true))
              : c.graph().gemm(x.value(), weight.value(), bias, a -> a.transB(true)));
    }
    Value w =
        weight.rank() == 2
            ? c.graph().transpose(weight.value(), a -> a.perm(1, 0))
            : weight.value();
    Value product = c.graph().matMul(x.value(), w);
    return c.result(bias.isAbsent() ? product : c.graph().add(product, bias));
  }

  private static PyObject addmm(AtenCall c) {
    double alpha = c.real("alpha");
    double beta = c.real("beta");
    if (!c.tensor("self").dtype().isFloat()) {
      throw c.in().unsupported("addmm of %s", c.tensor("self").dtype());
    }
    return c.result(
        c.graph()
            .gemm(
                c.value("mat1"), c.value("mat2"), c.value("self"), a -> a.alpha(alpha).beta(beta)));
  }
}
