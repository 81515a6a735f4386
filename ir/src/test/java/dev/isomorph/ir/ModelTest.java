package dev.isomorph.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.isomorph.ir.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ModelTest {
  private static final Signature RELU =
      TextParser.model("graph main(%x: f32[3]) -> (%y) { %y = Relu(%x) }").signature();

  @Test
  void aCopyKeepsTheParametersThatNoGraphUses() {
    Value.Parameter spare = Value.Parameter.constant("spare", Tensor.vector(1));
    try (Model model = Model.builder("m").signature(RELU).unused(spare).build();
        Model copy = model.toBuilder().build()) {
      assertEquals(model.parameters(), copy.parameters());
      assertEquals(1, copy.parameters().size());
    }
  }

  @Test
  void twoParametersCannotHaveOneKey() {
    Model.Builder builder =
        Model.builder("m")
            .signature(RELU)
            .unused(Value.Parameter.constant("w", Tensor.vector(1)))
            .unused(Value.Parameter.constant("w", Tensor.vector(1)));
    assertEquals(
        "two parameters have the key 'w'",
        assertThrows(IllegalArgumentException.class, builder::build).getMessage());
  }
}
