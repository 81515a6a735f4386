package dev.isomorph.formats.torch;

import dev.isomorph.formats.Text;
import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.InstanceValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.SetValue;
import dev.isomorph.formats.pickle.StrValue;
import dev.isomorph.formats.torch.StateDictCandidate.Leaf;
import dev.isomorph.ir.diagnostic.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the parts of a pickled value that may be state dicts. Each object is visited once, cycles
 * included.
 */
final class StateDictSearch {
  private static final List<String> NOT_WEIGHTS = List.of("optim", "scheduler", "scaler", "grad_");

  private static final int MOST_LEAVES = 1_000_000;

  private final Map<PickleValue, Boolean> containing = new IdentityHashMap<>();
  private final PickleValue root;
  private final Limits limits;
  private final Set<PickleValue> visited = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<StateDictCandidate> found = new ArrayList<>();

  StateDictSearch(PickleValue root, Limits limits) {
    this.root = root;
    this.limits = limits;
  }

  List<StateDictCandidate> candidates() {
    visited.clear();
    found.clear();
    if (root instanceof DictValue dict
        && isPure(dict, 0)
        && hasTensors(dict)
        && !hasWellKnownKey(dict)) {
      return List.of(candidate(List.of(), dict));
    }
    visited.clear();
    search(new ArrayList<>(), root);
    return List.copyOf(found);
  }

  private static boolean hasWellKnownKey(DictValue dict) {
    return dict.entries().stream()
        .anyMatch(
            e ->
                e.value() instanceof DictValue
                    && e.key() instanceof StrValue s
                    && (StateDicts.isWellKnown(s.value()) || isNotWeights(s.value())));
  }

  /** Whether all leaves below nested dicts with text keys are tensors. */
  private boolean isPure(DictValue dict, int depth) {
    if (depth > limits.nesting() || !visited.add(dict)) {
      return false;
    }
    for (DictValue.Entry e : dict.entries()) {
      boolean pure =
          e.key() instanceof StrValue
              && (e.value() instanceof TensorRef
                  || e.value() instanceof DictValue d && isPure(d, depth + 1));
      if (!pure) {
        return false;
      }
    }
    return true;
  }

  private boolean hasTensors(DictValue dict) {
    return dict.entries().stream()
        .anyMatch(
            e ->
                e.value() instanceof TensorRef
                    || e.value() instanceof DictValue d && hasTensors(d));
  }

  private void search(List<String> path, PickleValue value) {
    if (path.size() > limits.nesting() || isModule(value) && !visited.add(value)) {
      return;
    }
    if (isModule(value)) {
      found.add(candidate(path, value));
      return;
    }
    boolean container = value instanceof DictValue || Call.items(value).isPresent();
    if (!container || !visited.add(value)) {
      return;
    }
    if (value instanceof DictValue dict
        && dict.entries().stream().anyMatch(StateDictSearch::isNamedTensor)) {
      StateDictCandidate made = candidate(path, dict);
      found.add(path.isEmpty() && hasDictChild(dict) ? directOnly(path, dict) : made);
      if (!path.isEmpty()) {
        return;
      }
    }
    children(value)
        .forEach(
            (name, child) -> {
              if (!isNotWeights(name)) {
                path.add(name);
                search(path, child);
                path.removeLast();
              }
            });
  }

  /** A checkpoint may hold a tensor of its own beside the state dict: that does not make it one. */
  private static StateDictCandidate directOnly(List<String> path, DictValue dict) {
    List<Leaf> leaves = new ArrayList<>();
    for (DictValue.Entry e : dict.entries()) {
      leaves.add(new Leaf(keyText(e.key()), e.value()));
    }
    return new StateDictCandidate(List.copyOf(path), dict, leaves);
  }

  private static boolean hasDictChild(DictValue dict) {
    return dict.entries().stream()
        .anyMatch(e -> e.value() instanceof DictValue || Call.items(e.value()).isPresent());
  }

  private static boolean isNamedTensor(DictValue.Entry e) {
    return e.key() instanceof StrValue && e.value() instanceof TensorRef;
  }

  private static boolean isNotWeights(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NOT_WEIGHTS.stream().anyMatch(lower::contains);
  }

  static boolean isModule(PickleValue value) {
    return value instanceof InstanceValue i
        && i.attribute("_parameters").isPresent()
        && i.attribute("_modules").isPresent();
  }

  /**
   * {@return what a key leads to; keys may hold dots themselves, so that the longest match counts}
   */
  Optional<StateDictCandidate> at(String key) {
    PickleValue value = root;
    List<String> path = new ArrayList<>();
    String rest = key;
    while (!rest.isEmpty()) {
      Map<String, PickleValue> children = children(value);
      String text = rest;
      Optional<String> name =
          children.keySet().stream()
              .filter(n -> text.equals(n) || text.startsWith(n + "."))
              .max(java.util.Comparator.comparingInt(String::length));
      if (name.isEmpty()) {
        return Optional.empty();
      }
      value = children.get(name.get());
      path.add(name.get());
      rest = rest.length() == name.get().length() ? "" : rest.substring(name.get().length() + 1);
    }
    visited.clear();
    StateDictCandidate made = candidate(path, value);
    return made.tensors() > 0 ? Optional.of(made) : Optional.empty();
  }

  /** {@return short descriptions of what lies beside the chosen part, on the way to it} */
  List<String> besides(StateDictCandidate chosen) {
    List<String> unused = new ArrayList<>();
    PickleValue value = root;
    StringBuilder prefix = new StringBuilder();
    for (String step : chosen.path()) {
      Map<String, PickleValue> children = children(value);
      children.forEach(
          (name, child) -> {
            if (!name.equals(step)) {
              unused.add(Text.quote(prefix + name) + " (" + child.describe() + ")");
            }
          });
      value = children.get(step);
      prefix.append(step).append('.');
    }
    return unused;
  }

  private static Map<String, PickleValue> children(PickleValue value) {
    Map<String, PickleValue> children = new LinkedHashMap<>();
    switch (value) {
      case DictValue dict -> dict.entries().forEach(e -> children.put(keyText(e.key()), e.value()));
      case SetValue _ -> {}
      default ->
          Call.items(value)
              .ifPresent(
                  items -> {
                    for (int i = 0; i < items.size(); i++) {
                      children.put(Integer.toString(i), items.get(i));
                    }
                  });
    }
    return children;
  }

  private static String keyText(PickleValue key) {
    return switch (key) {
      case StrValue s -> s.value();
      case PickleValue.Int i -> i.value().toString();
      default -> key.describe();
    };
  }

  private StateDictCandidate candidate(List<String> path, PickleValue value) {
    List<Leaf> leaves = new ArrayList<>();
    Set<PickleValue> onWay = Collections.newSetFromMap(new IdentityHashMap<>());
    if (isModule(value)) {
      module("", (InstanceValue) value, leaves, onWay, 0);
    } else {
      flatten("", value, leaves, onWay, 0);
    }
    return new StateDictCandidate(List.copyOf(path), value, leaves);
  }

  private void flatten(
      String prefix, PickleValue value, List<Leaf> leaves, Set<PickleValue> onWay, int depth) {
    Limits.check("the number of entries of a state dict", leaves.size(), MOST_LEAVES);
    boolean parent = !(value instanceof TensorRef) && containsTensor(value, depth);
    if (!parent || !onWay.add(value)) {
      leaves.add(new Leaf(prefix, value));
      return;
    }
    children(value)
        .forEach(
            (name, child) ->
                flatten(
                    prefix.isEmpty() ? name : prefix + "." + name,
                    child,
                    leaves,
                    onWay,
                    depth + 1));
    onWay.remove(value);
  }

  /**
   * Whether a container holds a tensor at any depth that is allowed. A container that holds itself
   * is seen once.
   */
  private boolean containsTensor(PickleValue value, int depth) {
    boolean container = value instanceof DictValue || Call.items(value).isPresent();
    if (value instanceof TensorRef || !container || depth > limits.nesting()) {
      return value instanceof TensorRef;
    }
    Boolean known = containing.putIfAbsent(value, false);
    if (known != null) {
      return known;
    }
    boolean holds =
        value instanceof DictValue dict
            ? dict.entries().stream().anyMatch(e -> containsTensor(e.value(), depth + 1))
            : Call.items(value).orElseThrow().stream().anyMatch(v -> containsTensor(v, depth + 1));
    containing.put(value, holds);
    return holds;
  }

  /**
   * The state dict of a pickled module: its parameters and persistent buffers, then its children's,
   * as PyTorch does.
   */
  private void module(
      String prefix, InstanceValue module, List<Leaf> leaves, Set<PickleValue> onWay, int depth) {
    Limits.check("the nesting of modules", depth, limits.nesting());
    if (!onWay.add(module)) {
      return;
    }
    Set<String> hidden = new java.util.HashSet<>();
    module
        .attribute("_non_persistent_buffers_set")
        .ifPresent(
            set -> {
              if (set instanceof SetValue s) {
                s.items().forEach(name -> hidden.add(keyText(name)));
              }
            });
    for (String part : List.of("_parameters", "_buffers")) {
      children(module.attribute(part).orElse(PickleValue.None.NONE))
          .forEach(
              (name, value) -> {
                boolean kept =
                    value != PickleValue.None.NONE
                        && !(part.equals("_buffers") && hidden.contains(name));
                if (kept) {
                  leaves.add(new Leaf(prefix + name, value));
                }
              });
    }
    children(module.attribute("_modules").orElse(PickleValue.None.NONE))
        .forEach(
            (name, value) -> {
              if (isModule(value)) {
                module(prefix + name + ".", (InstanceValue) value, leaves, onWay, depth + 1);
              } else if (value != PickleValue.None.NONE) {
                leaves.add(new Leaf(prefix + name, value));
              }
            });
    onWay.remove(module);
  }
}
