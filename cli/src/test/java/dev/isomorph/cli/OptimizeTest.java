package dev.isomorph.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizeTest {
  @TempDir private Path folder;

  private JsonNode operators(Object... options) {
    Path out = folder.resolve("out.onnx");
    Object[] args = new Object[options.length + 7];
    args[0] = "convert";
    args[1] = Cli.digits("conv_net.onnx");
    args[2] = "--to";
    args[3] = "onnx";
    args[4] = "-o";
    args[5] = out;
    args[6] = "--force";
    System.arraycopy(options, 0, args, 7, options.length);
    Cli.Result converted = Cli.run(args);
    assertEquals(0, converted.exit(), converted.out() + converted.err());
    return Cli.run("inspect", "--json", out).json().at("/result/signatures/0/operators");
  }

  @Test
  void noneKeepsEveryOperator() {
    JsonNode operators = operators("--optimize", "none");
    assertEquals(2, operators.path("BatchNormalization").asInt());
    assertEquals(2, operators.path("Reshape").asInt());
  }

  @Test
  void safeRoundsNothing() {
    assertEquals(2, operators().path("BatchNormalization").asInt());
  }

  @Test
  void fullFoldsBatchNormAndIsProved() {
    JsonNode operators = operators("--optimize", "full");
    assertFalse(operators.has("BatchNormalization"), operators.toString());
    assertEquals(2, operators.path("Conv").asInt());
  }

  @Test
  void stopAfterNothingChangesNothing() {
    JsonNode operators = operators("--optimize", "full", "--stop-after", "0");
    assertTrue(operators.has("BatchNormalization"));
  }
}
