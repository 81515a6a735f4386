package dev.isomorph.importers.torch;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Gives every parameter and buffer of a module its tensor of the state dict, strictly: each tensor
 * is used once and each place filled, or all that does not fit is listed at once.
 */
final class WeightBinding {
  /** Prefixes that wrappers put before every key. */
  private static final List<String> WRAPPERS =
      List.of(
          "module.",
          "_orig_mod.",
          "model.",
          "net.",
          "network.",
          "backbone.",
          "encoder.",
          "state_dict.");

  /** Shown entries of each kind of problem. */
  private static final int SHOWN = 20;

  private final ModuleTree tree;
  private final SequencedMap<String, Value.Parameter> given;
  private final String weights;

  WeightBinding(ModuleTree tree, SequencedMap<String, Value.Parameter> given, String weights) {
    this.tree = tree;
    this.given = given;
    this.weights = weights;
  }

  /** {@return the weights under the keys that the module has, without a wrapper's prefix} */
  SequencedMap<String, Value.Parameter> unwrapped(java.util.function.Consumer<Diagnostic> notes) {
    SequencedMap<String, Value.Parameter> current = given;
    for (boolean changed = true; changed && missing(current).size() > 0; ) {
      changed = false;
      for (String prefix : WRAPPERS) {
        boolean all =
            !current.isEmpty() && current.keySet().stream().allMatch(k -> k.startsWith(prefix));
        if (all) {
          SequencedMap<String, Value.Parameter> shorter = new LinkedHashMap<>();
          current.forEach((k, v) -> shorter.put(k.substring(prefix.length()), v));
          if (missing(shorter).size() < missing(current).size()) {
            notes.accept(
                Diagnostic.note(
                        ErrorCode.WEIGHTS_MISMATCH,
                        "every key starts with '%s', which a wrapper put there; it was left out",
                        prefix)
                    .inFile(weights));
            current = shorter;
            changed = true;
            break;
          }
        }
      }
    }
    return current;
  }

  private List<String> missing(Map<String, Value.Parameter> have) {
    return tree.entries().stream()
        .filter(e -> e.persistent() && !have.containsKey(e.key()) && !isCounter(e.key()))
        .map(ModuleTree.Entry::key)
        .toList();
  }

  /** Counters of batch normalisation: older files lack them, and evaluation never reads them. */
  private static boolean isCounter(String key) {
    return key.equals("num_batches_tracked") || key.endsWith(".num_batches_tracked");
  }

  /**
   * {@return how many keys or shapes do not fit}
   *
   * @param have the weights without a wrapper's prefix
   */
  int misfits(SequencedMap<String, Value.Parameter> have) {
    return problems(have).size();
  }

  /**
   * Checks that all fits.
   *
   * @throws IsomorphException {@link ErrorCode#WEIGHTS_MISMATCH} with every missing, unexpected and
   *     differently shaped key
   */
  void check(SequencedMap<String, Value.Parameter> have, String moduleName) {
    List<String> problems = problems(have);
    if (problems.isEmpty()) {
      return;
    }
    List<String> shown = problems.subList(0, Math.min(SHOWN, problems.size()));
    String rest = problems.size() > SHOWN ? "\n… and " + (problems.size() - SHOWN) + " more" : "";
    throw Diagnostic.error(
            ErrorCode.WEIGHTS_MISMATCH,
            "%s",
            "the weights do not fit " + moduleName + ":\n" + String.join("\n", shown) + rest)
        .inFile(weights)
        .expected(
            tree.entries().stream().filter(ModuleTree.Entry::persistent).count() + " tensors",
            have.size() + " tensors, " + problems.size() + " of them or of their places do not fit")
        .help("check the arguments after ':' in --source, such as model.py:Net(hidden=64)")
        .toException();
  }

  private List<String> problems(SequencedMap<String, Value.Parameter> have) {
    List<String> problems = new ArrayList<>();
    List<String> wanted =
        tree.entries().stream()
            .filter(ModuleTree.Entry::persistent)
            .map(ModuleTree.Entry::key)
            .toList();
    List<String> unexpected =
        have.keySet().stream().filter(k -> !wanted.contains(k) && !isCounter(k)).toList();
    for (String key : missing(have)) {
      problems.add("missing " + key + nearest(key, unexpected));
    }
    for (String key : unexpected) {
      problems.add("unexpected " + key);
    }
    for (ModuleTree.Entry e : tree.entries()) {
      Value.Parameter tensor = have.get(e.key());
      if (tensor != null && e.persistent() && !fits(e, tensor)) {
        problems.add(
            "shape of "
                + e.key()
                + ": the module has "
                + e.tensor().shape()
                + ", the weights "
                + tensor.type().shape());
      }
    }
    return problems;
  }

  private static boolean fits(ModuleTree.Entry e, Value.Parameter tensor) {
    Shape own = e.tensor().shape();
    Shape other = tensor.type().shape();
    boolean scalar = own.hasRank(0) && other.hasRank(1) && other.dim(0).is(1);
    return own.equals(other) || scalar;
  }

  private static String nearest(String key, List<String> candidates) {
    String last = key.substring(key.lastIndexOf('.') + 1);
    return candidates.stream()
        .filter(c -> c.substring(c.lastIndexOf('.') + 1).equals(last) || distance(key, c) <= 3)
        .min(Comparator.comparingInt(c -> distance(key, c)))
        .map(c -> " (the weights have " + c + ")")
        .orElse("");
  }

  /** {@return the edits between two keys} */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }

  /**
   * {@return all weights, each as the parameter or buffer that its place in the module makes it}
   */
  List<Value.Parameter> bind(SequencedMap<String, Value.Parameter> have, TorchTrace trace) {
    SequencedMap<String, Value.Parameter> bound = new LinkedHashMap<>(have);
    for (ModuleTree.Entry e : tree.entries()) {
      if (!have.containsKey(e.key()) || !e.persistent()) {
        continue;
      }
      Value.Parameter tensor = ofKind(have.get(e.key()), e.trainable());
      bound.put(e.key(), tensor);
      Value value = trace.cast(tensor, e.tensor().dtype());
      if (e.tensor().shape().hasRank(0) && !value.type().shape().hasRank(0)) {
        value = trace.graph().reshape(value, trace.vector());
      }
      e.tensor().write(value);
    }
    return new ArrayList<>(bound.values());
  }

  private static Value.Parameter ofKind(Value.Parameter p, boolean trainable) {
    Value.Parameter.Kind kind =
        trainable ? Value.Parameter.Kind.TRAINABLE : Value.Parameter.Kind.BUFFER;
    return p.kind() == kind
        ? p
        : new Value.Parameter(p.name(), p.tensor(), kind, p.storage(), p.derivation());
  }
}
