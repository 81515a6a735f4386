package dev.isomorph.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.isomorph.ir.op.ConstantOfShapeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import org.junit.jupiter.api.Test;

class AttributeTest {
  private static Object attributes(DType dtype, double value) {
    Tensor tensor = Tensor.of(dtype, new double[] {value}, 1);
    return ConstantOfShapeOp.builder().value(tensor).build().attributes();
  }

  @Test
  void tensorsAreEqualByTypeAndBits() {
    assertEquals(attributes(DType.F32, 1), attributes(DType.F32, 1));
    assertEquals(attributes(DType.F32, 1).hashCode(), attributes(DType.F32, 1).hashCode());
    assertNotEquals(attributes(DType.F32, 0.0), attributes(DType.F32, -0.0));
    assertNotEquals(attributes(DType.F32, 1), attributes(DType.F64, 1));
  }
}
