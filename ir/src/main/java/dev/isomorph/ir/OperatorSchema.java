package dev.isomorph.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An operator's row of the table: what ONNX's own schema registry says of it. Immutable.
 *
 * @param name the operator
 * @param since the version of its newest definition
 * @param history the versions of older definitions, ascending
 * @param inputs formal operands in order
 * @param outputs formal results in order
 * @param attributes attributes by name
 * @param typeConstraints type variables, each with the types it may stand for, in text form
 * @param deterministic whether equal operands give equal results
 * @param function whether ONNX defines it by a body of other operators
 */
public record OperatorSchema(
    OpName name,
    int since,
    List<Integer> history,
    List<Formal> inputs,
    List<Formal> outputs,
    Map<String, AttributeSchema> attributes,
    Map<String, Set<String>> typeConstraints,
    boolean deterministic,
    boolean function) {

  /** How often a formal operand or result may stand. */
  public enum Arity {
    SINGLE,
    OPTIONAL,
    VARIADIC
  }

  /**
   * A formal operand or result.
   *
   * @param name its name in the specification
   * @param type a type variable, or a type in text form
   * @param arity how often it may stand
   * @param homogeneous for variadic ones, whether all have one type
   * @param minimum for variadic ones, how many there must be
   */
  public record Formal(String name, String type, Arity arity, boolean homogeneous, int minimum) {}

  /**
   * An attribute.
   *
   * @param name its name in the specification
   * @param kind {@code int}, {@code floats}, {@code graph}, …
   * @param required whether it must be given
   * @param defaultValue what stands when it is not given
   */
  public record AttributeSchema(
      String name, String kind, boolean required, Optional<Attribute> defaultValue) {}

  /** {@return how many operands there must be at least, counting no trailing optional one} */
  public int minInputs() {
    return minimum(inputs);
  }

  /** {@return how many operands there may be at most; {@link Integer#MAX_VALUE} for no bound} */
  public int maxInputs() {
    return maximum(inputs);
  }

  /** {@return how many results there may be at most; {@link Integer#MAX_VALUE} for no bound} */
  public int maxOutputs() {
    return maximum(outputs);
  }

  /** {@return the formal operand at a position; the variadic one repeats} */
  public Formal input(int index) {
    return inputs.get(Math.min(index, inputs.size() - 1));
  }

  /** {@return the formal result at a position; the variadic one repeats} */
  public Formal output(int index) {
    return outputs.get(Math.min(index, outputs.size() - 1));
  }

  private static int minimum(List<Formal> formals) {
    int needed = 0;
    int count = 0;
    for (Formal formal : formals) {
      count += formal.arity == Arity.VARIADIC ? formal.minimum : 1;
      needed = formal.arity == Arity.OPTIONAL ? needed : count;
    }
    return needed;
  }

  private static int maximum(List<Formal> formals) {
    return !formals.isEmpty() && formals.getLast().arity == Arity.VARIADIC
        ? Integer.MAX_VALUE
        : formals.size();
  }

  /**
   * Reads the compact form that the generated records carry; see {@code GenerateOperators.java}.
   */
  public static OperatorSchema parse(
      String domain,
      String name,
      int since,
      String history,
      String inputs,
      String outputs,
      String attributes,
      String typeConstraints,
      boolean deterministic,
      boolean function) {
    Map<String, AttributeSchema> byName = new LinkedHashMap<>();
    for (String text : split(attributes, "\\|")) {
      AttributeSchema attribute = attribute(text);
      byName.put(attribute.name, attribute);
    }
    Map<String, Set<String>> constraints = new LinkedHashMap<>();
    for (String text : split(typeConstraints, "\\|")) {
      int colon = text.indexOf(':');
      constraints.put(
          text.substring(0, colon), new LinkedHashSet<>(split(text.substring(colon + 1), " ")));
    }
    return new OperatorSchema(
        new OpName(domain, name),
        since,
        split(history, ",").stream().map(Integer::valueOf).toList(),
        formals(inputs),
        formals(outputs),
        java.util.Collections.unmodifiableMap(byName),
        java.util.Collections.unmodifiableMap(constraints),
        deterministic,
        function);
  }

  private static List<String> split(String text, String separator) {
    return text.isEmpty() ? List.of() : List.of(text.split(separator));
  }

  private static List<Formal> formals(String text) {
    List<Formal> formals = new ArrayList<>();
    for (String part : split(text, "\\|")) {
      int colon = part.indexOf(':');
      String name = part.substring(0, colon);
      String type = part.substring(colon + 1);
      int mark = Math.max(type.indexOf('*'), type.indexOf('~'));
      if (type.endsWith("?")) {
        String plain = type.substring(0, type.length() - 1);
        formals.add(new Formal(name, plain, Arity.OPTIONAL, true, 0));
      } else if (mark >= 0) {
        int minimum = Integer.parseInt(type.substring(mark + 1));
        boolean homogeneous = type.charAt(mark) == '*';
        formals.add(
            new Formal(name, type.substring(0, mark), Arity.VARIADIC, homogeneous, minimum));
      } else {
        formals.add(new Formal(name, type, Arity.SINGLE, true, 1));
      }
    }
    return List.copyOf(formals);
  }

  private static AttributeSchema attribute(String text) {
    int equals = text.indexOf('=');
    String head = equals < 0 ? text : text.substring(0, equals);
    boolean required = head.endsWith("!");
    int colon = head.indexOf(':');
    String name = head.substring(0, colon);
    String kind = head.substring(colon + 1, required ? head.length() - 1 : head.length());
    Optional<Attribute> value =
        equals < 0 ? Optional.empty() : Optional.of(literal(kind, text.substring(equals + 1)));
    return new AttributeSchema(name, kind, required, value);
  }

  private static Attribute literal(String kind, String text) {
    return switch (kind) {
      case "int" -> new Attribute.Int(Long.parseLong(text));
      // The specification's defaults are 32-bit numbers printed in decimal.
      case "float" -> new Attribute.Float(Float.parseFloat(text));
      case "string" -> new Attribute.Text(text);
      case "ints" -> new Attribute.Ints(split(text, ",").stream().map(Long::valueOf).toList());
      case "floats" ->
          new Attribute.Floats(
              split(text, ",").stream().map(t -> (double) Float.parseFloat(t)).toList());
      case "strings" -> new Attribute.Texts(split(text, ","));
      default -> throw new IllegalArgumentException("no default can be written for " + kind);
    };
  }
}
