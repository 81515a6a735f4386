package dev.isomorph.runtime.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class SpecialFunctionsTest {
  private record Bound(DoubleUnaryOperator function, double ulps) {}

  private static final Map<String, Bound> BOUNDS =
      Map.of(
          "erf", new Bound(SpecialFunctions::erf, 1),
          "erfc", new Bound(SpecialFunctions::erfc, 4),
          "asinh", new Bound(SpecialFunctions::asinh, 2),
          "acosh", new Bound(SpecialFunctions::acosh, 2),
          "atanh", new Bound(SpecialFunctions::atanh, 2));

  @Test
  void errorsStayWithinTheirBoundsOfUnitsInTheLastPlace() throws IOException {
    String text;
    try (InputStream in =
        getClass().getResourceAsStream("/dev/isomorph/runtime/special-functions.txt")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    int seen = 0;
    for (String line : text.lines().toList()) {
      String[] part = line.split(" ");
      double x = Double.parseDouble(part[1]);
      double rounded = Double.parseDouble(part[2]);
      double rest = Double.parseDouble(part[3]);
      Bound bound = BOUNDS.get(part[0]);
      double error = Math.abs(bound.function.applyAsDouble(x) - rounded - rest) / Math.ulp(rounded);
      assertTrue(error <= bound.ulps, part[0] + "(" + x + ") is off by " + error + " ulp");
      seen++;
    }
    assertTrue(seen > 1900, "only " + seen + " values");
  }

  @Test
  void specialValues() {
    assertEquals(-1, SpecialFunctions.erf(Double.NEGATIVE_INFINITY));
    assertEquals(1, SpecialFunctions.erf(40));
    assertTrue(Double.isNaN(SpecialFunctions.erf(Double.NaN)));
    assertEquals(1 / -0.0, 1 / SpecialFunctions.erf(-0.0));
    assertEquals(2, SpecialFunctions.erfc(Double.NEGATIVE_INFINITY));
    assertEquals(0, SpecialFunctions.erfc(Double.POSITIVE_INFINITY));
    assertEquals(1, SpecialFunctions.pow(1, Double.NaN));
    assertEquals(1, SpecialFunctions.pow(-1, Double.POSITIVE_INFINITY));
    assertEquals(Double.POSITIVE_INFINITY, SpecialFunctions.atanh(1));
    assertTrue(Double.isNaN(SpecialFunctions.atanh(1.5)));
    assertTrue(Double.isNaN(SpecialFunctions.acosh(0.5)));
    assertEquals(Double.NEGATIVE_INFINITY, SpecialFunctions.asinh(Double.NEGATIVE_INFINITY));
  }
}
