package dev.isomorph.ir.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DimTest {
  private static String normal(String text) {
    String printed = Dim.parse(text).toString();
    assertEquals(Dim.parse(text), Dim.parse(printed), "parsing what is printed");
    return printed;
  }

  @Test
  void equalExpressionsHaveOneForm() {
    assertEquals("2*N + 1", normal("N + 1 + N"));
    assertEquals("0", normal("N - N"));
    assertEquals("H*N + N", normal("N*(H + 1)"));
    assertEquals("N", normal("floordiv(6*N, 6)"));
    assertEquals("N + floordiv(H + 1, 2)", normal("floordiv(2*N + H + 1, 2)"));
    assertEquals("H", normal("floordiv(H*N, N)"));
    assertEquals("N + 1", normal("max(N, N + 1)"));
    assertEquals("floordiv(H + 1, 2)", normal("ceildiv(H, 2)"));
    assertEquals("floordiv(H + 1, 2)", normal("floordiv(H - 1, 2) + 1"));
    assertEquals("floordiv(H, 4)", normal("floordiv(floordiv(H, 2), 2)"));
    assertEquals("floordiv(H + 3, 4)", normal("ceildiv(ceildiv(H, 2), 2)"));
    assertEquals("N + floordiv(N, 2)", normal("floordiv(3*N, 2)"));
    assertEquals("floordiv(N, 2)", normal("floordiv(2*N + 1, 4)"));
    assertEquals("64*N", normal("floordiv(768*N*T + 768*N, 12*(T + 1))"));
    assertEquals("floordiv(H*N + 3, N)", normal("floordiv(H*N + 3, N)"));
    assertEquals("max(max(H, M), N)", normal("max(N, max(M, max(N, H)))"));
    assertEquals("max(H, N + 3)", normal("max(N + 1, max(H, N + 3))"));
    assertEquals("min(H, N + 1)", normal("min(N + 1, min(H, N + 3))"));
    assertEquals("broadcast(H, N)", normal("broadcast(broadcast(N, H), N)"));
    assertEquals("mod(N, 4)", normal("mod(mod(N, 4), 8)"));
    assertEquals("mod(H, 2)", normal("mod(H + 2*N, 2)"));
    assertEquals("broadcast(M, N)", normal("broadcast(N, M)"));
    assertEquals("7", normal("broadcast(N, 7)"));
  }

  @Test
  void normalFormsKeepTheValue() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      long n = random.nextInt(20);
      long h = random.nextInt(20);
      long d = 1 + random.nextInt(5);
      long c = random.nextInt(9) - 4;
      long k = 1 + random.nextInt(4);
      Dim value = Dim.parse("floordiv(%d*N + H*N + %d*H, %d)".formatted(k * d, c + 4, d));
      long expected = Math.floorDiv(k * d * n + h * n + (c + 4) * h, d);
      assertEquals(expected, value.evaluate(Map.of("N", n, "H", h)).known());
      Dim modulo = Dim.parse("mod(%d*N + %d*H, %d)".formatted(k, c + 4, d));
      assertEquals(
          Math.floorMod(k * n + (c + 4) * h, d), modulo.evaluate(Map.of("N", n, "H", h)).known());
    }
  }

  @Test
  void whatCannotBeBroadcastIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Dim.of(3).broadcast(Dim.of(4)));
  }

  private static long value(Random random, int depth, StringBuilder text, long n, long h) {
    String[] binary = {"+", "-", "*", "floordiv", "ceildiv", "mod", "min", "max"};
    if (depth == 0) {
      int leaf = random.nextInt(3);
      long number = random.nextInt(7);
      text.append(leaf == 0 ? "N" : leaf == 1 ? "H" : Long.toString(number));
      return leaf == 0 ? n : leaf == 1 ? h : number;
    }
    String operator = binary[random.nextInt(binary.length)];
    boolean infix = operator.length() == 1;
    text.append(infix ? "(" : operator + "(");
    long a = value(random, depth - 1, text, n, h);
    text.append(infix ? operator : ",");
    boolean divides = operator.endsWith("div") || operator.equals("mod");
    long b;
    if (divides) {
      b = 1 + random.nextInt(6);
      text.append(b);
    } else {
      b = value(random, depth - 1, text, n, h);
    }
    text.append(")");
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "floordiv" -> Math.floorDiv(a, b);
      case "ceildiv" -> Math.ceilDiv(a, b);
      case "mod" -> Math.floorMod(a, b);
      case "min" -> Math.min(a, b);
      default -> Math.max(a, b);
    };
  }

  @Test
  void normalFormsOfRandomExpressionsKeepTheValueAndTheText() {
    Random random = new Random(11);
    for (int i = 0; i < 5000; i++) {
      long n = random.nextInt(12);
      long h = random.nextInt(12);
      StringBuilder text = new StringBuilder();
      long expected = value(random, 1 + random.nextInt(4), text, n, h);
      Dim dim = Dim.parse(text.toString());
      String what = text + " = " + dim + " at N = " + n + ", H = " + h;
      assertEquals(expected, dim.evaluate(Map.of("N", n, "H", h)).known(), what);
      assertEquals(dim, Dim.parse(dim.toString()), what);
    }
  }

  @Test
  void divisionByZeroIsRefused() {
    assertEquals(
        "0 is divided by 0",
        assertThrows(ArithmeticException.class, () -> Dim.of(0).floorDiv(Dim.of(0))).getMessage());
    Dim quotient = Dim.parse("floordiv(6, N)");
    assertEquals(
        "6 is divided by 0",
        assertThrows(ArithmeticException.class, () -> quotient.evaluate(Map.of("N", 0L)))
            .getMessage());
  }

  @Test
  void expressionsThatWouldFillTheMemoryAreRefused() {
    String text = "(A+B)*(C+D)*(E+F)*(G+H)*(I+J)*(K+L)*(M+N)*(O+P)*(Q+R)*(S+T)*(U+V)*(W+X)";
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Dim.parse(text));
    assertEquals("'" + text + "' is no dim: a dim has more than 2000 parts", e.getMessage());
    assertThrows(
        ArithmeticException.class,
        () -> {
          Dim dim = Dim.symbol("N");
          for (int i = 0; i < 64; i++) {
            dim = dim.broadcast(Dim.symbol("a" + i)).times(2).plus(1).max(dim.floorDiv(Dim.of(3)));
          }
        });
  }

  @Test
  void aLowerBoundIsReadOffTheForm() {
    assertEquals(java.util.OptionalLong.of(1), Dim.parse("2*N + 1").lowerBound());
    assertEquals(java.util.OptionalLong.of(-1), Dim.parse("N - 1").lowerBound());
    assertEquals(java.util.OptionalLong.of(1), Dim.parse("floordiv(N + 3, 2)").lowerBound());
    assertEquals(java.util.OptionalLong.of(3), Dim.parse("max(N - M, 3)").lowerBound());
    assertEquals(java.util.OptionalLong.empty(), Dim.parse("N - M").lowerBound());
    assertEquals(java.util.OptionalLong.empty(), Dim.parse("min(N - M, 3)").lowerBound());
  }
}
