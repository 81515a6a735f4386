package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Writes {@code model.py}: one module class with its layers and {@code forward}. */
final class ModelSource {
  private final String className;
  private final String title;
  private final Modules modules;
  private final StringBuilder out = new StringBuilder();

  ModelSource(String className, String title, Modules modules) {
    this.className = className;
    this.title = title;
    this.modules = modules;
  }

  /**
   * {@return the source}
   *
   * @param inputs names of forward's parameters, each with its type as an annotation
   * @param first lines at the start of forward
   * @param statements the rest, in order
   * @param names the values' names
   * @param results what forward returns
   */
  String write(
      List<String> inputs,
      List<String> first,
      List<Statement> statements,
      Map<Value, String> names,
      List<String> results) {
    line(1, "def __init__(self):");
    line(2, "super().__init__()");
    tree(Modules.Tree.of(paths()), modules.layers());
    parameters();
    out.append('\n');
    line(
        1,
        "def forward(self%s):"
            .formatted(inputs.stream().map(i -> ", " + i).collect(Collectors.joining())));
    first.forEach(text -> line(2, text));
    for (Statement statement : statements) {
      String left = statement.results().stream().map(names::get).collect(Collectors.joining(", "));
      line(2, left + " = " + resolve(statement, names));
    }
    line(2, "return " + (results.size() == 1 ? results.getFirst() : String.join(", ", results)));
    return head() + out;
  }

  private String head() {
    StringBuilder head = new StringBuilder();
    head.append("\"\"\"").append(title).append("\"\"\"\n\n");
    head.append("import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n");
    head.append(Helpers.used(out.toString()));
    head.append("class ").append(className).append("(nn.Module):\n");
    return head.toString();
  }

  private static String resolve(Statement statement, Map<Value, String> names) {
    String text = statement.text();
    for (int i = statement.operands().size() - 1; i >= 0; i--) {
      text = text.replace("{" + i + "}", names.get(statement.operands().get(i)));
    }
    return text;
  }

  /** Layers, and the modules that hold tensors of their own. */
  private List<String> paths() {
    List<String> paths = new ArrayList<>(modules.layers().keySet());
    for (String key : modules.entries().keySet()) {
      int dot = key.lastIndexOf('.');
      String parent = dot < 0 ? "" : key.substring(0, dot);
      if (!parent.isEmpty() && !modules.layers().containsKey(parent)) {
        paths.add(parent);
      }
    }
    return paths;
  }

  private void tree(Modules.Tree root, Map<String, String> layers) {
    root.children()
        .forEach((name, child) -> line(2, "self." + name + " = " + module(child, layers, 2)));
  }

  private String module(Modules.Tree tree, Map<String, String> layers, int depth) {
    String constructor = layers.get(tree.path());
    if (constructor != null) {
      return constructor;
    }
    boolean numbered =
        !tree.children().isEmpty()
            && tree.children().keySet().stream().allMatch(n -> n.matches("\\d{1,4}"));
    String indent = "    ".repeat(depth + 1);
    List<String> parts = new ArrayList<>();
    if (numbered) {
      TreeMap<Integer, Modules.Tree> children = new TreeMap<>();
      tree.children().forEach((name, child) -> children.put(Integer.valueOf(name), child));
      for (int i = 0; i <= children.lastKey(); i++) {
        parts.add(
            children.containsKey(i) ? module(children.get(i), layers, depth + 1) : "nn.Identity()");
      }
    } else {
      tree.children()
          .forEach(
              (name, child) -> parts.add("\"" + name + "\": " + module(child, layers, depth + 1)));
    }
    String open = numbered ? "nn.ModuleList([" : "nn.ModuleDict({";
    String close = numbered ? "])" : "})";
    if (parts.isEmpty()) {
      return open + close;
    }
    String inside = parts.stream().map(p -> indent + p + ",\n").collect(Collectors.joining());
    return open + "\n" + inside + "    ".repeat(depth) + close;
  }

  private void parameters() {
    for (Modules.Entry entry : modules.entries().values()) {
      int dot = entry.key().lastIndexOf('.');
      String parent = dot < 0 ? "" : entry.key().substring(0, dot);
      if (modules.layers().containsKey(parent)) {
        continue;
      }
      String name = entry.key().substring(dot + 1);
      String holder = "self" + (parent.isEmpty() ? "" : Modules.access(parent));
      String value = empty(entry.tensor());
      line(
          2,
          entry.trainable()
              ? "%s.register_parameter(\"%s\", nn.Parameter(%s))".formatted(holder, name, value)
              : "%s.register_buffer(\"%s\", %s)".formatted(holder, name, value));
    }
  }

  private static String empty(Tensor tensor) {
    String dims = Raise.tuple(Arrays.stream(tensor.dims()).boxed().toList());
    String dtype =
        switch (tensor.dtype()) {
          case F32 -> "";
          case F64 -> ", dtype=torch.float64";
          case F16 -> ", dtype=torch.float16";
          case BF16 -> ", dtype=torch.bfloat16";
          case BOOL -> ", dtype=torch.bool";
          case U8 -> ", dtype=torch.uint8";
          case I8 -> ", dtype=torch.int8";
          case I16 -> ", dtype=torch.int16";
          case I32 -> ", dtype=torch.int32";
          case C64 -> ", dtype=torch.complex64";
          case C128 -> ", dtype=torch.complex128";
          default -> ", dtype=torch.int64";
        };
    return "torch.zeros(%s%s)".formatted(dims, dtype);
  }

  private void line(int depth, String text) {
    out.append("    ".repeat(depth)).append(text).append('\n');
  }

  /** {@return statements without those whose results nobody uses} */
  static List<Statement> live(List<Statement> statements, List<Value> outputs) {
    Set<Value> needed = new HashSet<>(outputs);
    List<Statement> kept = new ArrayList<>();
    for (int i = statements.size() - 1; i >= 0; i--) {
      Statement statement = statements.get(i);
      if (statement.makesOneOf(needed)) {
        kept.addFirst(statement);
        needed.addAll(statement.operands());
      }
    }
    return kept;
  }

  /**
   * {@return names for all results}: one that only the next statement reads is called {@code h},
   * all others have names of their own.
   */
  static Map<Value, String> names(
      List<Statement> statements, List<Value> outputs, PythonNames python) {
    Map<Value, Integer> reads = new HashMap<>();
    Map<Value, Integer> lastRead = new HashMap<>();
    for (int i = 0; i < statements.size(); i++) {
      for (Value operand : new HashSet<>(statements.get(i).operands())) {
        reads.merge(operand, 1, Integer::sum);
        lastRead.put(operand, i);
      }
    }
    String chained = python.fresh("h");
    Map<Value, String> names = new HashMap<>();
    for (int i = 0; i < statements.size(); i++) {
      Statement statement = statements.get(i);
      for (Value.Result result : statement.results()) {
        boolean next =
            statement.results().size() == 1
                && reads.getOrDefault(result, 0) == 1
                && lastRead.get(result) == i + 1
                && !outputs.contains(result);
        names.put(result, next ? chained : python.fresh(shortName(result)));
      }
    }
    return names;
  }

  private static String shortName(Value.Result result) {
    String name = result.name();
    int slash = name.lastIndexOf('/');
    String last = slash >= 0 && slash < name.length() - 1 ? name.substring(slash + 1) : name;
    String plain = PythonNames.identifier(last);
    return plain.length() > 24
            || plain.matches("v_?\\d*")
            || result.node().results().size() > 1 && plain.isEmpty()
        ? result.node().op().name().name().toLowerCase(java.util.Locale.ROOT)
        : plain;
  }
}
