package dev.isomorph.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.op.OperatorTable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Walks the operator table: every gap stands here by name. */
class KernelCompletenessTest {
  private static final String GAPS =
      """
      ImageDecoder
      ai.onnx.ml::CastMap
      ai.onnx.ml::CategoryMapper
      ai.onnx.ml::DictVectorizer
      ai.onnx.ml::FeatureVectorizer
      ai.onnx.ml::OneHotEncoder
      ai.onnx.ml::SVMClassifier
      ai.onnx.ml::SVMRegressor
      ai.onnx.ml::ZipMap
      ai.onnx.preview.training::Gradient
      ai.onnx.preview::FlexAttention
      """;

  @Test
  void everyOperatorOfTheTableHasAKernelOrIsNamedHere() throws ClassNotFoundException {
    List<String> missing = new ArrayList<>();
    for (OpName name : OperatorTable.NAMES) {
      Class<? extends Op> type =
          Class.forName("dev.isomorph.ir.op." + name.name() + "Op").asSubclass(Op.class);
      if (!KernelRegistry.standard().supports(type)) {
        missing.add(name.toString());
      }
    }
    assertTrue(OperatorTable.NAMES.size() > 200);
    assertEquals(GAPS, String.join("\n", missing.stream().sorted().toList()) + "\n");
  }
}
