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
    assertEquals("-floordiv(-H, 2)", normal("ceildiv(H, 2)"));
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
}
