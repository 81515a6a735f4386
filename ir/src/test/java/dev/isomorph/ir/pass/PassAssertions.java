package dev.isomorph.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.TextParser;
import java.util.List;

/** Before and after as text. */
final class PassAssertions {
  private PassAssertions() {}

  static void assertBecomes(Pass pass, String before, String after) {
    assertBecomes(pass, PassContext.standard(), before, after);
  }

  static void assertBecomes(Pass pass, PassContext context, String before, String after) {
    assertEquals(after, after(pass, context, before));
  }

  static String after(Pass pass, PassContext context, String before) {
    try (Model model = TextParser.model(before);
        Model made = PassRunner.run(model, List.of(pass), context)) {
      return made.signature().graph().toString();
    }
  }

  static void assertStays(Pass pass, String text) {
    try (Model model = TextParser.model(text)) {
      assertSame(model, PassRunner.run(model, List.of(pass), PassContext.standard()));
    }
  }
}
