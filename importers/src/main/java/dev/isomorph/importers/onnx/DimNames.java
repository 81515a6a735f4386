package dev.isomorph.importers.onnx;

import dev.isomorph.ir.shape.Dim;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The symbols of a model's {@code dim_param}s: the same text is the same symbol, different texts
 * are different ones. Not safe for many threads.
 */
final class DimNames {
  private final Map<String, Dim> known = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final BiConsumer<String, String> renamed;

  /**
   * @param renamed told the text and the symbol when they differ
   */
  DimNames(BiConsumer<String, String> renamed) {
    this.renamed = renamed;
  }

  /** Tells that a text names a dim of an input: such a text is never read as an expression. */
  Dim name(String text) {
    Dim found = known.get(text);
    if (found == null) {
      found = Dim.symbol(text.equals(plain(text)) ? claim(text) : rename(text));
      known.put(text, found);
    }
    return found;
  }

  /**
   * {@return the dim of a text behind an intermediate value or output}. PyTorch writes expressions
   * over the inputs' names there: such a one is read as what it says.
   */
  Dim nameOrExpression(String text) {
    if (!known.containsKey(text)) {
      try {
        Dim parsed = Dim.parse(text);
        if (!parsed.isKnown() && taken.containsAll(parsed.symbols())) {
          return parsed;
        }
      } catch (IllegalArgumentException | ArithmeticException _) {
        // Any text may name a dim; this one is a name and no expression.
      }
    }
    return name(text);
  }

  /** {@return a symbol for a dim that the file does not name} */
  Dim unnamed(String hint) {
    return Dim.symbol(claim(plain(hint)));
  }

  private String rename(String text) {
    String symbol = claim(plain(text));
    renamed.accept(text, symbol);
    return symbol;
  }

  private String claim(String wanted) {
    String candidate = wanted;
    for (int i = 1; !taken.add(candidate); i++) {
      candidate = wanted + "_" + i;
    }
    return candidate;
  }

  private static String plain(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isLetterOrDigit(c) || "_./:".indexOf(c) >= 0 ? c : '_'));
    boolean starts = !out.isEmpty() && !Character.isDigit(out.charAt(0));
    return starts ? out.toString() : "d" + out;
  }
}
