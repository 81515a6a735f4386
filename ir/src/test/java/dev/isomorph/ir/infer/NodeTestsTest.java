package dev.isomorph.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isomorph.ir.TextParser;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What is inferred for the node tests of the onnx package, against the types that their own data
 * have. The table is written by {@code tools/fixtures/inference/generate.py}.
 */
class NodeTestsTest {
  private record Case(String name, String text, List<ValueType> seen) {}

  private static final Pattern TENSOR = Pattern.compile("(: \\w+\\[)(\\d+(?:,\\d+)*)]");

  private int known;
  private int all;
  private final List<String> wrong = new ArrayList<>();

  private static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (InputStream in = NodeTestsTest.class.getResourceAsStream("node-tests.txt")) {
      String table = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String part : table.split("(?m)^## ")) {
        int seen = part.indexOf("# seen: ");
        if (seen > 0) {
          int end = part.indexOf('\n');
          List<ValueType> types = new ArrayList<>();
          for (String type : part.substring(seen + 8).strip().split("; ")) {
            types.add(ValueType.parse(type));
          }
          cases.add(new Case(part.substring(0, end), part.substring(end + 1, seen), types));
        }
      }
    }
    return cases;
  }

  @Test
  void whatIsInferredIsWhatIsSeen() throws IOException {
    List<Case> cases = cases();
    for (Case c : cases) {
      check(c, c.text, Map.of());
    }
    report(cases.size(), 0.97);
  }

  @Test
  void whatIsInferredOfSymbolsIsWhatIsSeenOfTheirNumbers() throws IOException {
    List<Case> cases = cases();
    for (Case c : cases) {
      Map<String, Long> numbers = new HashMap<>();
      check(c, symbolic(c.text, numbers), numbers);
    }
    report(cases.size(), 0.95);
  }

  /** Puts a symbol for each length of each operand of the graph. */
  private static String symbolic(String text, Map<String, Long> numbers) {
    int from = text.startsWith("graph main") ? 0 : text.indexOf("\ngraph main") + 1;
    int to = text.indexOf('\n', from);
    StringBuilder head = new StringBuilder();
    Matcher m = TENSOR.matcher(text.substring(from, to));
    while (m.find()) {
      List<String> symbols = new ArrayList<>();
      for (String dim : m.group(2).split(",")) {
        String symbol = "s" + numbers.size();
        numbers.put(symbol, Long.valueOf(dim));
        symbols.add(symbol);
      }
      m.appendReplacement(
          head, Matcher.quoteReplacement(m.group(1) + String.join(",", symbols) + "]"));
    }
    m.appendTail(head);
    return text.substring(0, from) + head + text.substring(to);
  }

  private void check(Case c, String text, Map<String, Long> numbers) {
    List<Value> outputs;
    try {
      outputs = TextParser.model(text).signature().graph().outputs();
    } catch (IsomorphException e) {
      wrong.add(c.name + ": " + e.getMessage());
      return;
    }
    for (int i = 0; i < c.seen.size(); i++) {
      check(c.name + " result " + i, outputs.get(i).type(), c.seen.get(i), numbers);
    }
  }

  private void check(String name, ValueType inferred, ValueType seen, Map<String, Long> numbers) {
    if (!inferred.isCompatible(evaluated(seen, numbers))
        || !evaluated(inferred, numbers).isCompatible(seen)
        || inferred instanceof ValueType.Unknown) {
      wrong.add(name + ": inferred " + inferred + ", seen " + seen);
    }
    if (seen instanceof ValueType.TensorType t && t.shape().isRanked()) {
      all += t.shape().rank();
      Shape shape = evaluated(inferred, numbers).shape();
      known += shape.isRanked() ? (int) shape.dims().stream().filter(Dim::isKnown).count() : 0;
    }
  }

  private static ValueType evaluated(ValueType type, Map<String, Long> numbers) {
    return type instanceof ValueType.TensorType t && t.shape().isRanked()
        ? ValueType.tensor(
            t.dtype(), Shape.of(t.shape().dims().stream().map(d -> d.evaluate(numbers)).toList()))
        : type;
  }

  private void report(int cases, double least) {
    assertEquals("", String.join("\n", wrong), wrong.size() + " of " + cases);
    double part = (double) known / all;
    System.out.printf(
        "%d cases, %d of %d dims are known (%.1f %%)%n", cases, known, all, 100 * part);
    assertTrue(part >= least, "only " + part + " of all dims are known");
  }
}
