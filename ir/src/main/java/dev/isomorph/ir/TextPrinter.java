package dev.isomorph.ir;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Prints the text form that {@link TextParser} reads:
 *
 * <pre>
 * model "digits" {
 *   param @fc.weight: f32[10,64] trainable
 *   graph main(%x: f32[N,64]) -&gt; (%y) {
 *     %y = Gemm(%x, @fc.weight) {transB = 1} : f32[N,10]
 *   }
 * }
 * </pre>
 *
 * Elements of large parameters are left out; such a text is read with the tensors given beside it.
 */
final class TextPrinter {
  private static final long MAX_ELEMENTS = 16;

  private final StringBuilder out = new StringBuilder();
  private String indent = "";

  private TextPrinter() {}

  static String print(Model model) {
    TextPrinter printer = new TextPrinter();
    printer.line("model " + quoted(model.name()) + " {");
    printer.indent = "  ";
    printer.parameters(model.parameters());
    for (Signature signature : model.signatures()) {
      printer.graph(signature.graph(), signature.states());
    }
    printer.indent = "";
    printer.line("}");
    return printer.out.toString();
  }

  static String print(Graph graph) {
    TextPrinter printer = new TextPrinter();
    printer.parameters(graph.parameters());
    printer.graph(graph, List.of());
    return printer.out.toString();
  }

  private void parameters(Collection<Value.Parameter> parameters) {
    for (Value.Parameter parameter : parameters) {
      String kind = parameter.kind().name().toLowerCase(java.util.Locale.ROOT);
      String literal = literal(parameter.tensor());
      line(
          "param @%s: %s %s%s"
              .formatted(
                  name(parameter.name()),
                  parameter.type(),
                  kind,
                  literal.isEmpty() ? "" : " = " + literal));
    }
  }

  private void graph(Graph graph, List<Signature.State> states) {
    StringBuilder head = new StringBuilder("graph ").append(name(graph.name()));
    int ports = graph.inputs().size() - states.size();
    head.append(formals(graph.inputs().subList(0, ports)));
    if (!states.isEmpty()) {
      head.append(" state(");
      for (int i = 0; i < states.size(); i++) {
        Value.Input read = graph.inputs().get(ports + i);
        head.append(i == 0 ? "" : ", ").append(ref(read)).append(": ").append(read.type());
        head.append(" = ").append(ref(states.get(i).initial()));
      }
      head.append(')');
    }
    head.append(" -> ").append(refs(graph.outputs())).append(" {");
    line(head.toString());
    body(graph);
    line("}");
  }

  private void body(Graph graph) {
    String before = indent;
    indent += "  ";
    for (Node node : graph.nodes()) {
      node(node);
    }
    indent = before;
  }

  private void node(Node node) {
    StringBuilder text = new StringBuilder(indent);
    text.append(node.results().stream().map(TextPrinter::ref).collect(Collectors.joining(", ")));
    text.append(node.results().isEmpty() ? "" : " = ").append(node.op().name());
    text.append(refs(node.inputs()));
    if (!node.op().attributes().isEmpty()) {
      text.append(" {");
      boolean first = true;
      for (Map.Entry<String, Attribute> entry : node.op().attributes().entrySet()) {
        text.append(first ? "" : ", ").append(entry.getKey()).append(" = ");
        first = false;
        if (entry.getValue() instanceof Attribute.Region(Graph region)) {
          region(node, region, text);
        } else {
          text.append(attribute(entry.getValue()));
        }
      }
      text.append('}');
    }
    if (!node.results().isEmpty()) {
      text.append(" : ");
      text.append(
          node.results().stream().map(r -> r.type().toString()).collect(Collectors.joining(", ")));
    }
    if (!node.results().isEmpty() && !node.name().equals(node.result(0).name())) {
      text.append(" @ ").append(quoted(node.name()));
    }
    out.append(text).append('\n');
  }

  private void region(Node node, Graph region, StringBuilder text) {
    text.append(formals(region.inputs()));
    List<Value> outer = node.captures(region);
    if (!outer.isEmpty()) {
      text.append(" [");
      for (int i = 0; i < outer.size(); i++) {
        text.append(i == 0 ? "" : ", ").append(ref(region.captures().get(i)));
        text.append(" = ").append(ref(outer.get(i)));
      }
      text.append(']');
    }
    text.append(" -> ").append(refs(region.outputs())).append(" {\n");
    TextPrinter inner = new TextPrinter();
    inner.indent = indent;
    inner.body(region);
    text.append(inner.out).append(indent).append('}');
  }

  private static String formals(List<Value.Input> inputs) {
    return inputs.stream()
        .map(v -> ref(v) + ": " + v.type())
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String refs(List<? extends Value> values) {
    return values.stream().map(TextPrinter::ref).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String ref(Value value) {
    return value.isAbsent()
        ? "_"
        : (value instanceof Value.Parameter ? "@" : "%") + name(value.name());
  }

  private static String attribute(Attribute attribute) {
    return switch (attribute) {
      case Attribute.Int(long v) -> Long.toString(v);
      case Attribute.Float(double v) -> number(v);
      case Attribute.Text(String v) -> quoted(v);
      case Attribute.TensorValue(Tensor v) -> v.typeText() + literalOrDots(v);
      case Attribute.Type(ValueType v) -> "type " + v;
      case Attribute.Ints(List<Long> v) -> v.toString();
      case Attribute.Floats(List<Double> v) ->
          v.isEmpty()
              ? "floats []"
              : v.stream().map(TextPrinter::number).collect(Collectors.joining(", ", "[", "]"));
      case Attribute.Texts(List<String> v) ->
          v.isEmpty()
              ? "strings []"
              : v.stream().map(TextPrinter::quoted).collect(Collectors.joining(", ", "[", "]"));
      case Attribute.Region _ ->
          throw new IllegalStateException("regions are printed by their node");
    };
  }

  private static String literalOrDots(Tensor tensor) {
    String literal = literal(tensor);
    return literal.isEmpty() ? " ..." : " " + literal;
  }

  /** The elements when there are few, row-major in one list; else nothing. */
  private static String literal(Tensor tensor) {
    if (tensor.size() > MAX_ELEMENTS || tensor.dtype().kind() == DType.Kind.COMPLEX) {
      return "";
    }
    if (tensor.dtype() == DType.STRING) {
      return tensor.strings().stream()
          .map(TextPrinter::quoted)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (tensor.dtype().isFloat()) {
      return java.util.Arrays.stream(tensor.toDoubles())
          .mapToObj(TextPrinter::number)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return java.util.Arrays.toString(tensor.toLongs());
  }

  /**
   * A real number with a point or exponent. One that 32 bits hold is printed as the shortest text
   * of 32 bits with an {@code f} behind it where the shortest text of 64 bits is another.
   */
  static String number(double value) {
    String wide = Double.toString(value);
    if (value == (float) value) {
      String narrow = Float.toString((float) value);
      return narrow.equals(wide) ? wide : narrow + "f";
    }
    return wide;
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  static String name(String name) {
    boolean plain =
        !name.isEmpty()
            && name.chars()
                .allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '/');
    return plain ? name : quoted(name);
  }

  private void line(String text) {
    out.append(indent).append(text).append('\n');
  }
}
