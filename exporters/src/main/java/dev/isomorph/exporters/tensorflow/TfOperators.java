package dev.isomorph.exporters.tensorflow;

import dev.isomorph.ir.tensor.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** TensorFlow's operators as TensorFlow registers them: a table made from its own registry. */
final class TfOperators {
  private static final Map<String, DType> TYPES =
      Map.ofEntries(
          Map.entry("float32", DType.F32),
          Map.entry("float64", DType.F64),
          Map.entry("float16", DType.F16),
          Map.entry("bfloat16", DType.BF16),
          Map.entry("int8", DType.I8),
          Map.entry("int16", DType.I16),
          Map.entry("int32", DType.I32),
          Map.entry("int64", DType.I64),
          Map.entry("uint8", DType.U8),
          Map.entry("uint16", DType.U16),
          Map.entry("uint32", DType.U32),
          Map.entry("uint64", DType.U64),
          Map.entry("bool", DType.BOOL),
          Map.entry("string", DType.STRING),
          Map.entry("complex64", DType.C64),
          Map.entry("complex128", DType.C128));

  private static final Map<String, Operator> ALL = load();

  /**
   * An operand or result.
   *
   * @param name its name
   * @param type the attribute that holds its type; empty for a fixed type
   * @param count the attribute that holds the length of a list of one type, or empty
   * @param fixed the fixed type, unless there is an attribute or it is none of ours
   */
  record Argument(String name, String type, String count, Optional<DType> fixed) {}

  /**
   * An attribute.
   *
   * @param kind {@code type}, {@code int}, {@code bool}, …
   * @param byDefault the default as text; empty where there is none
   * @param allowed the types that are allowed; empty where all are
   */
  record Attribute(String kind, Optional<String> byDefault, Set<DType> allowed) {}

  /** One operator. */
  record Operator(
      String name,
      List<Argument> operands,
      List<Argument> results,
      Map<String, Attribute> attributes) {}

  private TfOperators() {}

  /** {@return an operator of the table} */
  static Operator get(String name) {
    Operator operator = ALL.get(name);
    if (operator == null) {
      throw new IllegalArgumentException(
          "the table has no operator " + name + "; add it to tools/tf_operators/generate.py");
    }
    return operator;
  }

  /** {@return our type of a default value} */
  static DType type(String name) {
    return TYPES.get(name);
  }

  private static Map<String, Operator> load() {
    Map<String, Operator> all = new HashMap<>();
    InputStream stream = TfOperators.class.getResourceAsStream("operators.tsv");
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#")) {
          Operator operator = parse(line.split("\t", -1));
          all.put(operator.name, operator);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(all);
  }

  private static Operator parse(String[] fields) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    for (String text : items(fields[3])) {
      String name = text.substring(0, text.indexOf(':'));
      attributes.put(name, attribute(text.substring(name.length() + 1)));
    }
    return new Operator(
        fields[0],
        items(fields[1]).stream().map(TfOperators::argument).toList(),
        items(fields[2]).stream().map(TfOperators::argument).toList(),
        attributes);
  }

  private static List<String> items(String field) {
    return field.isEmpty() ? List.of() : Arrays.asList(field.split("\\|"));
  }

  private static Argument argument(String text) {
    String name = text.substring(0, text.indexOf(':'));
    String type = text.substring(name.length() + 1);
    if (type.startsWith("=")) {
      return new Argument(name, "", "", Optional.ofNullable(TYPES.get(type.substring(1))));
    }
    int star = type.indexOf('*');
    return new Argument(
        name, type.substring(star + 1), star < 0 ? "" : type.substring(0, star), Optional.empty());
  }

  private static Attribute attribute(String text) {
    Set<DType> allowed = Set.of();
    String rest = text;
    if (rest.endsWith("}")) {
      int brace = rest.indexOf('{');
      allowed =
          Arrays.stream(rest.substring(brace + 1, rest.length() - 1).split(","))
              .map(TYPES::get)
              .filter(type -> type != null)
              .collect(Collectors.toUnmodifiableSet());
      rest = rest.substring(0, brace);
    }
    int equals = rest.indexOf('=');
    return new Attribute(
        equals < 0 ? rest : rest.substring(0, equals),
        equals < 0 ? Optional.empty() : Optional.of(rest.substring(equals + 1)),
        allowed);
  }
}
