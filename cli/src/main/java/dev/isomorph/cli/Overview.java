package dev.isomorph.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Signature.Port;
import dev.isomorph.ir.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What {@code inspect} shows of a model, as lines and as JSON. */
final class Overview {
  private final Model model;

  Overview(Model model) {
    this.model = model;
  }

  List<String> lines(boolean weights) {
    List<String> lines = new ArrayList<>();
    for (Signature signature : model.signatures()) {
      lines.add("signature " + signature.name());
      List<List<String>> ports = new ArrayList<>();
      signature.inputs().forEach(p -> ports.add(port("input", p)));
      signature.outputs().forEach(p -> ports.add(port("output", p)));
      signature
          .states()
          .forEach(s -> ports.add(List.of("state", s.name(), s.initial().type().toString())));
      lines.addAll(Texts.table(ports));
      lines.add("");
      lines.add(Texts.count(signature.graph().nodes().size(), "operator"));
      List<List<String>> operators = new ArrayList<>();
      Operators.counts(signature.graph())
          .forEach((name, count) -> operators.add(List.of(Texts.count(count), name)));
      lines.addAll(Texts.table(operators));
      lines.add("");
    }
    lines.addAll(parameters(model.parameters(), weights));
    if (!model.metadata().isEmpty()) {
      lines.add("");
      lines.add("metadata");
      List<List<String>> entries = new ArrayList<>();
      model.metadata().forEach((key, value) -> entries.add(List.of(key, shortened(value))));
      lines.addAll(Texts.table(entries));
    }
    List<String> unusual = Unusual.of(model);
    lines.add("");
    lines.add(unusual.isEmpty() ? "nothing unusual" : "unusual");
    unusual.forEach(sentence -> lines.add("  " + sentence));
    return lines;
  }

  private static List<String> port(String what, Port port) {
    String layout = port.layout() == Signature.Layout.NONE ? "" : port.layout().toString();
    return List.of(what, port.name(), port.type().toString(), layout);
  }

  private static String shortened(String text) {
    String line = text.strip().replace("\n", "\\n");
    return line.length() <= 100 ? line : line.substring(0, 99) + "…";
  }

  /** {@return how many numbers there are in how much memory, and each tensor if asked for} */
  static List<String> parameters(Collection<Value.Parameter> parameters, boolean each) {
    List<String> lines = new ArrayList<>();
    long elements = 0;
    long bytes = 0;
    Map<Object, Boolean> seen = new IdentityHashMap<>();
    Map<String, long[]> kinds = new TreeMap<>();
    for (Value.Parameter parameter : parameters) {
      if (seen.put(parameter.storage(), true) == null) {
        elements += parameter.tensor().size();
        bytes += parameter.tensor().byteSize();
        long[] sums = kinds.computeIfAbsent(kind(parameter), _ -> new long[2]);
        sums[0]++;
        sums[1] += parameter.tensor().size();
      }
    }
    lines.add(
        "%s in %s, %s"
            .formatted(
                Texts.count(elements, "parameter"),
                Texts.count(parameters.size(), "tensor"),
                Texts.bytes(bytes)));
    List<List<String>> rows = new ArrayList<>();
    kinds.forEach(
        (kind, sums) ->
            rows.add(List.of(kind, Texts.count(sums[0], "tensor"), Texts.count(sums[1]))));
    lines.addAll(Texts.table(rows));
    if (each) {
      lines.add("");
      lines.add("weights");
      List<List<String>> table = new ArrayList<>();
      for (Value.Parameter parameter : parameters) {
        WeightFacts facts = WeightFacts.of(parameter.tensor());
        table.add(
            List.of(
                parameter.name(),
                parameter.type().toString(),
                kind(parameter),
                Texts.bytes(parameter.tensor().byteSize()),
                facts.text()));
      }
      lines.addAll(Texts.table(table));
    }
    return lines;
  }

  private static String kind(Value.Parameter parameter) {
    return parameter.kind().name().toLowerCase(Locale.ROOT);
  }

  ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("name", model.name());
    root.put("format", model.source().format());
    root.put("version", model.source().version());
    ArrayNode signatures = root.putArray("signatures");
    for (Signature signature : model.signatures()) {
      ObjectNode entry = signatures.addObject();
      entry.put("name", signature.name());
      ports(entry.putArray("inputs"), signature.inputs());
      ports(entry.putArray("outputs"), signature.outputs());
      ArrayNode states = entry.putArray("states");
      signature
          .states()
          .forEach(
              s ->
                  states
                      .addObject()
                      .put("name", s.name())
                      .put("type", s.initial().type().toString()));
      ObjectNode operators = entry.putObject("operators");
      Operators.counts(signature.graph()).forEach(operators::put);
    }
    root.set("parameters", json(model.parameters()));
    ObjectNode metadata = root.putObject("metadata");
    model.metadata().forEach(metadata::put);
    ArrayNode unusual = root.putArray("unusual");
    Unusual.of(model).forEach(unusual::add);
    return root;
  }

  private static void ports(ArrayNode into, List<Port> ports) {
    for (Port port : ports) {
      ObjectNode entry = into.addObject();
      entry.put("name", port.name());
      entry.put("type", port.type().toString());
      entry.put("layout", port.layout().name().toLowerCase(Locale.ROOT));
    }
  }

  static ArrayNode json(Collection<Value.Parameter> parameters) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Value.Parameter parameter : parameters) {
      ObjectNode entry = array.addObject();
      entry.put("name", parameter.name());
      entry.put("type", parameter.type().toString());
      entry.put("kind", kind(parameter));
      entry.put("bytes", parameter.tensor().byteSize());
    }
    return array;
  }
}
