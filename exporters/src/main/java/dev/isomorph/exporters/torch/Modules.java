package dev.isomorph.exporters.torch;

import dev.isomorph.exporters.LedgerEntry;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The module tree: layers, and the tensors of the state dict under the keys that the tree gives
 * them. Keys of the source are kept where they are dotted paths that fit. Not safe for many
 * threads.
 */
final class Modules {
  /**
   * A tensor of the state dict.
   *
   * @param key its key
   * @param tensor its value in PyTorch's layout
   * @param trainable whether it is an {@code nn.Parameter}
   * @param parameter what it was made from
   * @param how what was done to it
   */
  record Entry(
      String key, Tensor tensor, boolean trainable, Value.Parameter parameter, String how) {}

  private final SequencedMap<String, String> layers = new LinkedHashMap<>();
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();
  private final Map<Value.Parameter, String> own = new IdentityHashMap<>();
  private final List<String> taken = new ArrayList<>();

  /** {@return the layers' constructor calls by path} */
  SequencedMap<String, String> layers() {
    return layers;
  }

  /** {@return the state dict} */
  SequencedMap<String, Entry> entries() {
    return entries;
  }

  /**
   * {@return the path for a layer whose tensors are these}: what their keys have in common if it is
   * not taken yet, else one made from the node's name
   *
   * @param parts the layer's tensors by their names in PyTorch
   */
  String path(SequencedMap<String, Value.Parameter> parts, String nodeName) {
    String common = null;
    boolean fits = true;
    for (Map.Entry<String, Value.Parameter> part : parts.entrySet()) {
      String key = part.getValue().name();
      String suffix = "." + part.getKey();
      String prefix =
          key.endsWith(suffix) ? key.substring(0, key.length() - suffix.length()) : null;
      fits &= prefix != null && (common == null || common.equals(prefix));
      common = prefix;
    }
    String wanted =
        fits && common != null && isPath(common) ? common : PythonNames.identifier(nodeName);
    return free(wanted);
  }

  /** A path is free if it is no other's, above no other and below no other. */
  private String free(String wanted) {
    String candidate = wanted;
    for (int i = 1; conflicts(candidate); i++) {
      candidate = wanted + "_" + i;
    }
    taken.add(candidate);
    return candidate;
  }

  private boolean conflicts(String path) {
    return taken.stream()
        .anyMatch(
            other ->
                other.equals(path) || other.startsWith(path + ".") || path.startsWith(other + "."));
  }

  private static boolean isPath(String text) {
    return text.matches("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*");
  }

  /** {@return whether every one of these tensors is still free to be a layer's own} */
  boolean areFree(Iterable<Value.Parameter> parameters) {
    for (Value.Parameter parameter : parameters) {
      if (own.containsKey(parameter)) {
        return false;
      }
    }
    return true;
  }

  /** Adds a layer. */
  void layer(String path, String constructor) {
    layers.put(path, constructor);
  }

  /** Adds a layer's tensor to the state dict. */
  void tensor(
      String path,
      String name,
      Value.Parameter parameter,
      Tensor tensor,
      String how,
      boolean buffer) {
    String key = path + "." + name;
    boolean trainable =
        !buffer && (tensor.dtype().isFloat() || tensor.dtype().kind() == DType.Kind.COMPLEX);
    entries.put(key, new Entry(key, tensor, trainable, parameter, how));
    if (how.equals("kept")) {
      own.put(parameter, key);
    }
  }

  /**
   * {@return a parameter as an expression: a literal if it is one number, else a tensor of the
   * model}
   */
  String constant(Value.Parameter parameter) {
    Optional<String> literal = literal(parameter);
    if (literal.isPresent()) {
      return literal.get();
    }
    String key = own.get(parameter);
    if (key == null) {
      String wanted =
          isPath(parameter.name()) ? parameter.name() : PythonNames.identifier(parameter.name());
      key = free(wanted);
      boolean trainable = parameter.kind() == Value.Parameter.Kind.TRAINABLE;
      entries.put(key, new Entry(key, parameter.tensor(), trainable, parameter, "kept"));
      own.put(parameter, key);
    }
    return "self" + access(key);
  }

  private static Optional<String> literal(Value.Parameter parameter) {
    Tensor tensor = parameter.tensor();
    if (parameter.kind() != Value.Parameter.Kind.CONSTANT || tensor.rank() != 0) {
      return Optional.empty();
    }
    return switch (tensor.dtype()) {
      case F32, F64 -> Optional.of(Raise.number(tensor.toDoubles()[0]));
      case I64, I32 -> Optional.of(Long.toString(tensor.toLongs()[0]));
      case BOOL -> Optional.of(tensor.toLongs()[0] != 0 ? "True" : "False");
      default -> Optional.empty();
    };
  }

  /**
   * {@return the Python access of a dotted path: {@code .body[0].conv}, with names as attributes}
   */
  static String access(String path) {
    StringBuilder out = new StringBuilder();
    for (String part : path.split("\\.")) {
      out.append(Character.isDigit(part.charAt(0)) ? "[" + part + "]" : "." + part);
    }
    return out.toString();
  }

  /** {@return the weight ledger} */
  List<LedgerEntry> ledger() {
    List<LedgerEntry> ledger = new ArrayList<>();
    for (Entry entry : entries.values()) {
      ledger.add(
          new LedgerEntry(
              entry.parameter.name(),
              entry.key,
              entry.tensor.typeText(),
              entry.how,
              entry.parameter.derivation().keys()));
    }
    return ledger;
  }

  /** A node of the tree of paths: children by name, in order. */
  record Tree(SequencedMap<String, Tree> children, String path) {
    /** {@return the tree of these paths} */
    static Tree of(Iterable<String> paths) {
      Tree root = new Tree(new LinkedHashMap<>(), "");
      for (String path : paths) {
        Tree at = root;
        for (String part : path.split("\\.")) {
          String below = at.path.isEmpty() ? part : at.path + "." + part;
          at = at.children.computeIfAbsent(part, _ -> new Tree(new LinkedHashMap<>(), below));
        }
      }
      return root;
    }

    /** {@return whether all children are numbered from 0 without a gap} */
    boolean isList() {
      TreeMap<Integer, String> numbers = new TreeMap<>();
      for (String name : children.keySet()) {
        if (!name.matches("\\d{1,6}")) {
          return false;
        }
        numbers.put(Integer.valueOf(name), name);
      }
      return !numbers.isEmpty()
          && numbers.firstKey() == 0
          && numbers.lastKey() == children.size() - 1;
    }
  }
}
