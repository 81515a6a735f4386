package dev.isomorph.cli;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What differs between two models: boundary, operators, weights. */
final class ModelDiff {
  /**
   * One difference.
   *
   * @param section {@code input}, {@code output}, {@code operator} or {@code weight}
   * @param name what differs
   * @param a how it is in the first model; empty if it is not there
   * @param b how it is in the second
   */
  record Difference(String section, String name, String a, String b) {}

  private static final int CHUNK = 1 << 16;

  private final List<Difference> differences = new ArrayList<>();

  static List<Difference> between(Model a, Model b) {
    ModelDiff diff = new ModelDiff();
    Signature left = a.signature();
    Signature right = b.signature();
    diff.ports("input", left.inputs(), right.inputs());
    diff.ports("output", left.outputs(), right.outputs());
    diff.operators(left, right);
    diff.weights(a.parameters(), b.parameters());
    return diff.differences;
  }

  static List<Difference> between(Collection<Value.Parameter> a, Collection<Value.Parameter> b) {
    ModelDiff diff = new ModelDiff();
    diff.weights(a, b);
    return diff.differences;
  }

  private void ports(String section, List<Port> a, List<Port> b) {
    Map<String, String> left = new LinkedHashMap<>();
    Map<String, String> right = new LinkedHashMap<>();
    a.forEach(p -> left.put(p.name(), p.type().toString()));
    b.forEach(p -> right.put(p.name(), p.type().toString()));
    compare(section, left, right);
    boolean sameNames = left.keySet().equals(right.keySet());
    List<String> leftOrder = List.copyOf(left.keySet());
    List<String> rightOrder = List.copyOf(right.keySet());
    if (sameNames && !leftOrder.equals(rightOrder)) {
      add(section, "order", String.join(", ", leftOrder), String.join(", ", rightOrder));
    }
  }

  private void operators(Signature a, Signature b) {
    Map<String, Integer> left = Operators.counts(a.graph());
    Map<String, Integer> right = Operators.counts(b.graph());
    Map<String, String> leftText = new LinkedHashMap<>();
    Map<String, String> rightText = new LinkedHashMap<>();
    left.forEach((name, count) -> leftText.put(name, count + " ×"));
    right.forEach((name, count) -> rightText.put(name, count + " ×"));
    compare("operator", leftText, rightText);
    Map<String, Node> byName = new LinkedHashMap<>();
    a.graph().nodes().forEach(node -> byName.put(node.name(), node));
    for (Node node : b.graph().nodes()) {
      Node other = byName.get(node.name());
      if (other != null && other.op().name().equals(node.op().name())) {
        attributes(other, node);
      }
    }
  }

  private void attributes(Node a, Node b) {
    Map<String, String> left = new LinkedHashMap<>();
    Map<String, String> right = new LinkedHashMap<>();
    a.op().attributes().forEach((name, value) -> left.put(name, text(value)));
    b.op().attributes().forEach((name, value) -> right.put(name, text(value)));
    Set<String> names = new LinkedHashSet<>(left.keySet());
    names.addAll(right.keySet());
    for (String name : names) {
      String absent = "(default)";
      String x = left.getOrDefault(name, absent);
      String y = right.getOrDefault(name, absent);
      if (!x.equals(y)) {
        add("operator", a.describe() + " " + name, x, y);
      }
    }
  }

  private static String text(Attribute attribute) {
    return switch (attribute) {
      case Attribute.Int(long v) -> Long.toString(v);
      case Attribute.Float(double v) -> Float.toString((float) v);
      case Attribute.Text(String v) -> "\"" + v + "\"";
      case Attribute.Ints(List<Long> v) -> v.toString();
      case Attribute.Floats(List<Double> v) -> v.toString();
      case Attribute.Texts(List<String> v) -> v.toString();
      case Attribute.Type(var v) -> v.toString();
      case Attribute.TensorValue(Tensor v) -> v.typeText();
      case Attribute.Region(var graph) -> Texts.count(graph.nodes().size(), "operator");
    };
  }

  private void compare(String section, Map<String, String> a, Map<String, String> b) {
    Set<String> names = new LinkedHashSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      String x = a.getOrDefault(name, "");
      String y = b.getOrDefault(name, "");
      if (!x.equals(y)) {
        add(section, name, x, y);
      }
    }
  }

  private void weights(Collection<Value.Parameter> a, Collection<Value.Parameter> b) {
    Map<String, Value.Parameter> left = named(a);
    Map<String, Value.Parameter> right = named(b);
    Set<String> names = new LinkedHashSet<>(left.keySet());
    names.addAll(right.keySet());
    for (String name : names) {
      Value.Parameter x = left.get(name);
      Value.Parameter y = right.get(name);
      if (x == null || y == null || !x.type().equals(y.type())) {
        add(
            "weight",
            name,
            x == null ? "" : x.type().toString(),
            y == null ? "" : y.type().toString());
      } else if (!x.tensor().contentEquals(y.tensor())) {
        add("weight", name, x.type().toString(), values(x.tensor(), y.tensor()));
      }
    }
  }

  private static Map<String, Value.Parameter> named(Collection<Value.Parameter> parameters) {
    Map<String, Value.Parameter> named = new LinkedHashMap<>();
    parameters.forEach(p -> named.put(p.name(), p));
    return named;
  }

  private static String values(Tensor a, Tensor b) {
    if (a.dtype() == DType.STRING || a.dtype().kind() == DType.Kind.COMPLEX) {
      return "other values";
    }
    long changed = 0;
    double worst = 0;
    for (long from = 0; from < a.size(); from += CHUNK) {
      long count = Math.min(CHUNK, a.size() - from);
      double[] x = WeightFacts.part(a, from, count);
      double[] y = WeightFacts.part(b, from, count);
      for (int i = 0; i < x.length; i++) {
        if (Double.doubleToRawLongBits(x[i]) != Double.doubleToRawLongBits(y[i])) {
          changed++;
          worst = Math.max(worst, Math.abs(x[i] - y[i]));
        }
      }
    }
    return "%s of %s differ, by %s at most"
        .formatted(Texts.count(changed), Texts.count(a.size(), "element"), Texts.number(worst));
  }

  private void add(String section, String name, String a, String b) {
    differences.add(new Difference(section, name, a, b));
  }

  /** {@return lines side by side, by section} */
  static List<String> lines(List<Difference> differences) {
    List<String> lines = new ArrayList<>();
    for (String section : List.of("input", "output", "operator", "weight")) {
      List<List<String>> rows = new ArrayList<>();
      for (Difference each : differences) {
        if (each.section.equals(section)) {
          rows.add(Arrays.asList(each.name, or(each.a), "│", or(each.b)));
        }
      }
      if (!rows.isEmpty()) {
        lines.add(section + "s");
        lines.addAll(Texts.table(rows));
        lines.add("");
      }
    }
    return lines;
  }

  private static String or(String text) {
    return text.isEmpty() ? "—" : text;
  }
}
