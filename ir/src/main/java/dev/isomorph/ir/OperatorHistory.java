package dev.isomorph.ir;

import dev.isomorph.ir.op.OperatorTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Every definition that ONNX ever gave its operators, for those who read and write older opsets.
 * The graph itself speaks the newest alone ({@link OperatorTable}). Loaded when it is first asked.
 */
public final class OperatorHistory {
  private static final String RESOURCE = "operator-history.tsv";

  /** The newest opsets of ONNX's own domains; the graph's operators are those of these. */
  public static final Map<String, Integer> NEWEST =
      Map.of("", 28, "ai.onnx.ml", 5, "ai.onnx.preview", 1, "ai.onnx.preview.training", 1);

  private static final class Holder {
    private static final Map<OpName, NavigableMap<Integer, Definition>> ALL = load();
  }

  /**
   * One definition of an operator.
   *
   * @param schema what it says; {@link OperatorSchema#since} is its version
   * @param deprecated whether it only says that the operator is no more
   */
  public record Definition(OperatorSchema schema, boolean deprecated) {}

  private OperatorHistory() {}

  /** {@return whether any opset has, or had, an operator of this name} */
  public static boolean isKnown(OpName name) {
    return Holder.ALL.containsKey(name);
  }

  /** {@return the definition that holds in an opset, if the operator exists there} */
  public static Optional<OperatorSchema> at(OpName name, int opset) {
    NavigableMap<Integer, Definition> versions = Holder.ALL.get(name);
    Map.Entry<Integer, Definition> entry = versions == null ? null : versions.floorEntry(opset);
    // GroupNormalization 18 was deprecated by its successor and still means what it says.
    boolean gone =
        entry == null || entry.getValue().deprecated && entry.getKey() != (int) versions.firstKey();
    return gone ? Optional.empty() : Optional.of(entry.getValue().schema);
  }

  /** {@return all definitions by version; empty for an operator that never was} */
  public static NavigableMap<Integer, Definition> versions(OpName name) {
    NavigableMap<Integer, Definition> versions = Holder.ALL.get(name);
    return versions == null
        ? java.util.Collections.emptyNavigableMap()
        : java.util.Collections.unmodifiableNavigableMap(versions);
  }

  /** {@return the names of all operators that any opset has or had, sorted} */
  public static List<OpName> names() {
    return Holder.ALL.keySet().stream()
        .sorted(java.util.Comparator.comparing(OpName::domain).thenComparing(OpName::name))
        .toList();
  }

  private static Map<OpName, NavigableMap<Integer, Definition>> load() {
    Map<OpName, NavigableMap<Integer, Definition>> all = new HashMap<>();
    try (InputStream in = OperatorHistory.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] c = line.split("\t", -1);
        OperatorSchema schema =
            OperatorSchema.parse(
                c[0], c[1], Integer.parseInt(c[2]), "", c[4], c[5], c[6], c[7], true, false);
        add(all, new Definition(schema, !c[3].isEmpty()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (OpName name : OperatorTable.NAMES) {
      add(all, new Definition(OperatorTable.schema(name).orElseThrow(), false));
    }
    return all;
  }

  private static void add(
      Map<OpName, NavigableMap<Integer, Definition>> all, Definition definition) {
    all.computeIfAbsent(definition.schema.name(), _ -> new TreeMap<>())
        .put(definition.schema.since(), definition);
  }
}
