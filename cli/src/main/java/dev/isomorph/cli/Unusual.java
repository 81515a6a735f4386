package dev.isomorph.cli;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.BatchNormalizationOp;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.runtime.cpu.KernelRegistry;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Sentences about what is not ordinary in a model and may surprise whoever converts it. */
final class Unusual {
  private static final float USUAL_EPSILON = 1e-5f;
  private static final int MOST_NAMES = 5;
  private static final long MOST_ELEMENTS = 50_000_000;

  private Unusual() {}

  static List<String> of(Model model) {
    List<String> found = new ArrayList<>(model.assumptions());
    Map<String, List<String>> sentences = new TreeMap<>();
    for (Signature signature : model.signatures()) {
      Operators.forEach(signature.graph(), node -> node(node, sentences));
      unusedInputs(signature, found);
      unusedResults(signature.graph(), sentences);
    }
    sentences.forEach((sentence, names) -> found.add(sentence + ": " + listed(names)));
    if (model.signatures().size() > 1) {
      found.add("there are " + model.signatures().size() + " ways to call it; the first is used");
    }
    tied(model, found);
    notFinite(model, found);
    return found;
  }

  private static void node(Node node, Map<String, List<String>> sentences) {
    switch (node.op()) {
      case OpaqueCall call ->
          add(sentences, "cannot be run or written to another format", call.name().toString());
      case CompositeCall call ->
          add(sentences, "is no operator of ONNX, its meaning is a body", call.name().toString());
      case StandardOp op -> {
        if (!KernelRegistry.standard().supports(op)) {
          add(sentences, "has no kernel here", op.name().toString());
        }
        boolean random =
            !OperatorTable.schema(op.name()).map(schema -> schema.deterministic()).orElse(true);
        if (random) {
          add(sentences, "gives random numbers", node.describe());
        }
        if (op instanceof BatchNormalizationOp norm && norm.epsilon() != USUAL_EPSILON) {
          add(
              sentences,
              "normalises with the epsilon %s instead of 1e-05".formatted((float) norm.epsilon()),
              node.describe());
        }
        if (op instanceof TransposeOp && node.input(0).producer().isPresent()) {
          add(sentences, "permutes axes inside the graph", node.describe());
        }
      }
    }
    for (Value.Result result : node.results()) {
      boolean unknown =
          result.type() == ValueType.UNKNOWN
              || result.type().isTensor() && !result.type().shape().isRanked();
      if (unknown && !(node.op() instanceof OpaqueCall)) {
        add(sentences, "has a result whose rank is not known", node.describe());
      }
    }
  }

  private static void add(Map<String, List<String>> sentences, String sentence, String name) {
    sentences.computeIfAbsent(sentence, _ -> new ArrayList<>()).add(name);
  }

  private static String listed(List<String> names) {
    SequencedSet<String> distinct = new java.util.LinkedHashSet<>(names);
    String shown = String.join(", ", distinct.stream().limit(MOST_NAMES).toList());
    return distinct.size() <= MOST_NAMES
        ? shown
        : shown + " and " + (distinct.size() - MOST_NAMES) + " more";
  }

  private static void unusedInputs(Signature signature, List<String> found) {
    Graph graph = signature.graph();
    for (int i = 0; i < signature.inputs().size(); i++) {
      Value input = graph.inputs().get(i);
      if (graph.uses(input).isEmpty() && !graph.outputs().contains(input)) {
        found.add("the input '" + signature.inputs().get(i).name() + "' is not used");
      }
    }
  }

  private static void unusedResults(Graph graph, Map<String, List<String>> sentences) {
    for (Node node : graph.nodes()) {
      boolean dead =
          node.results().stream()
              .allMatch(r -> graph.uses(r).isEmpty() && !graph.outputs().contains(r));
      if (dead) {
        add(sentences, "is computed for nothing", node.describe());
      }
    }
  }

  private static void tied(Model model, List<String> found) {
    Map<Object, List<String>> byStorage = new IdentityHashMap<>();
    for (Value.Parameter parameter : model.parameters()) {
      byStorage.computeIfAbsent(parameter.storage(), _ -> new ArrayList<>()).add(parameter.name());
    }
    TreeSet<String> lines = new TreeSet<>();
    byStorage.values().stream()
        .filter(names -> names.size() > 1)
        .forEach(names -> lines.add("one tensor under several keys: " + listed(names)));
    found.addAll(lines);
  }

  private static void notFinite(Model model, List<String> found) {
    long elements = model.parameters().stream().mapToLong(p -> p.tensor().size()).sum();
    if (elements > MOST_ELEMENTS) {
      found.add("so many weights are not searched for NaN and infinity; --weights does it");
      return;
    }
    for (Value.Parameter parameter : model.parameters()) {
      if (parameter.tensor().dtype().isFloat()) {
        WeightFacts facts = WeightFacts.of(parameter.tensor());
        if (facts.notFinite() > 0 && parameter.kind() != Value.Parameter.Kind.CONSTANT) {
          found.add(
              "%s of %s in '%s' NaN or infinite"
                  .formatted(
                      Texts.count(facts.notFinite()),
                      Texts.count(parameter.tensor().size(), "element"),
                      parameter.name()));
        }
      }
    }
  }
}
