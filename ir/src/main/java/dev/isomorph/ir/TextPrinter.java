package dev.isomorph.ir;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Collection;
import java.util.IdentityHashMap;
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
      printer.signature(signature);
    }
    printer.indent = "";
    printer.line("}");
    return printer.out.toString();
  }

  static String print(Graph graph) {
    TextPrinter printer = new TextPrinter();
    printer.parameters(graph.parameters());
    printer.signature(Signature.of(graph));
    return printer.out.toString();
  }

  private void parameters(Collection<Value.Parameter> parameters) {
    Map<Object, Value.Parameter> first = new IdentityHashMap<>();
    for (Value.Parameter parameter : parameters) {
      String kind = parameter.kind().name().toLowerCase(java.util.Locale.ROOT);
      String literal = literal(parameter.tensor());
      Value.Parameter tied = first.putIfAbsent(parameter.storage(), parameter);
      line(
          "param @%s: %s %s%s%s"
              .formatted(
                  name(parameter.name()),
                  parameter.type(),
                  kind,
                  tied == null ? "" : " tied " + ref(tied),
                  literal.isEmpty() ? "" : " = " + literal));
    }
  }

  private void signature(Signature signature) {
    Graph graph = signature.graph();
    List<Signature.State> states = signature.states();
    StringBuilder head = new StringBuilder("graph ").append(name(signature.name()));
    int ports = signature.inputs().size();
    head.append('(');
    for (int i = 0; i < ports; i++) {
      Value.Input input = graph.inputs().get(i);
      head.append(i == 0 ? "" : ", ").append(ref(input)).append(": ").append(input.type());
      head.append(port(signature.inputs().get(i), input));
    }
    head.append(')');
    if (!states.isEmpty()) {
      head.append(" state(");
      for (int i = 0; i < states.size(); i++) {
        Value.Input read = graph.inputs().get(ports + i);
        head.append(i == 0 ? "" : ", ").append(ref(read)).append(": ").append(read.type());
        Signature.State state = states.get(i);
        head.append(" = ").append(ref(state.initial()));
        head.append(state.name().equals(state.initial().name()) ? "" : " as " + name(state.name()));
      }
      head.append(')');
    }
    head.append(" -> (");
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value output = graph.outputs().get(i);
      head.append(i == 0 ? "" : ", ").append(ref(output));
      head.append(i < signature.outputs().size() ? port(signature.outputs().get(i), output) : "");
    }
    line(head.append(") {").toString());
    body(graph);
    line("}");
  }

  /** What a port says beyond the value that stands for it. */
  private static String port(Signature.Port port, Value value) {
    StringBuilder text = new StringBuilder();
    if (!port.name().equals(value.name())) {
      text.append(" as ").append(name(port.name()));
    }
    if (!port.type().equals(value.type())) {
      text.append(" declared ").append(port.type());
    }
    if (port.layout() != Signature.Layout.NONE) {
      text.append(" layout ").append(port.layout());
    }
    return text.append(port.doc().isEmpty() ? "" : " doc " + quoted(port.doc())).toString();
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
    text.append(node.results().isEmpty() ? "" : " = ").append(operator(node.op()));
    text.append(refs(node.inputs()));
    if (!node.op().attributes().isEmpty()) {
      text.append(" {");
      boolean first = true;
      for (Map.Entry<String, Attribute> entry : node.op().attributes().entrySet()) {
        text.append(first ? "" : ", ").append(name(entry.getKey())).append(" = ");
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
    if (node.results().isEmpty() || !node.name().equals(node.result(0).name())) {
      text.append(" @ ").append(quoted(node.name()));
    }
    out.append(text).append('\n');
  }

  private static String operator(Op op) {
    String text = op.name().toString();
    boolean plain =
        text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "_./:".indexOf(c) >= 0);
    String operator = plain ? text : quoted(text);
    return switch (op) {
      case StandardOp _ -> operator;
      case CompositeCall call ->
          operator + (call.composite().version() == 0 ? "" : "@" + call.composite().version());
      case OpaqueCall call ->
          "opaque " + operator + (call.version() == 0 ? "" : "@" + call.version());
    };
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
