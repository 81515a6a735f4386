import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes an attribute record per operator, the table of all operators and the typed builder from
 * {@code operators.json}. Run by the build: {@code java GenerateOperators.java TABLE OUTPUT}.
 */
final class GenerateOperators {
  private static final String PACKAGE = "dev.isomorph.ir.op";

  private final Path output;
  private final List<Map<String, Object>> operators = new ArrayList<>();

  private GenerateOperators(Path table, Path output) throws IOException {
    this.output = output.resolve(PACKAGE.replace('.', '/'));
    Object json = new Json(Files.readString(table)).value();
    for (Object operator : list(map(json).get("operators"))) {
      operators.add(map(operator));
    }
  }

  public static void main(String[] args) throws IOException {
    GenerateOperators generator = new GenerateOperators(Path.of(args[0]), Path.of(args[1]));
    Files.createDirectories(generator.output);
    for (Map<String, Object> operator : generator.operators) {
      generator.write(operator.get("name") + "Op", generator.record(operator));
    }
    generator.write("OperatorTable", generator.table());
    generator.write("OperatorBuilder", generator.builder());
  }

  private void write(String name, String text) throws IOException {
    Path file = output.resolve(name + ".java");
    // An unchanged file keeps its time stamp, so that nothing is compiled again.
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      Files.writeString(file, text);
    }
  }

  private String record(Map<String, Object> operator) {
    String name = text(operator, "name") + "Op";
    List<Map<String, Object>> attributes = attributes(operator);
    StringBuilder out = new StringBuilder();
    out.append("package ").append(PACKAGE).append(";\n\n");
    out.append("import dev.isomorph.ir.Attribute;\nimport dev.isomorph.ir.AttributeMap;\n");
    out.append("import dev.isomorph.ir.OperatorSchema;\nimport dev.isomorph.ir.StandardOp;\n");
    out.append("import java.util.SequencedMap;\n\n");
    out.append("/**\n * Attributes of ").append(title(operator)).append(", version ");
    out.append(integer(operator, "since")).append(". Generated from the operator table.\n");
    out.append(" *\n * @see <a href=\"")
        .append(page(operator))
        .append("\">the operator's page</a>\n");
    for (Map<String, Object> attribute : attributes) {
      out.append(" * @param ").append(component(attribute)).append(" {@code ");
      out.append(text(attribute, "name")).append("}");
      out.append(isRequired(attribute) ? ", required" : "").append('\n');
    }
    out.append(" */\npublic record ").append(name).append('(');
    for (int i = 0; i < attributes.size(); i++) {
      out.append(i == 0 ? "" : ", ").append(type(attributes.get(i))).append(' ');
      out.append(component(attributes.get(i)));
    }
    out.append(") implements StandardOp {\n");
    out.append("  /** The operator's row of the table. */\n");
    out.append("  public static final OperatorSchema SCHEMA =\n      OperatorSchema.parse(");
    out.append(schema(operator)).append(");\n\n");
    if (attributes.stream().anyMatch(this::isListLike)) {
      out.append("  public ").append(name).append(" {\n");
      for (Map<String, Object> attribute : attributes) {
        if (isListLike(attribute)) {
          String c = component(attribute);
          String copy =
              isOptional(attribute)
                  ? c + ".map(java.util.List::copyOf)"
                  : "java.util.List.copyOf(" + c + ")";
          out.append("    ").append(c).append(" = ").append(copy).append(";\n");
        }
      }
      out.append("  }\n\n");
    }
    out.append(
        "  /** {@return the attributes of a map; what the operator does not have is an error}"
            + " */\n");
    out.append("  public static ").append(name).append(" of(AttributeMap attributes) {\n");
    out.append("    ").append(name).append(" op =\n        new ").append(name).append("(");
    for (int i = 0; i < attributes.size(); i++) {
      out.append(i == 0 ? "\n            " : ",\n            ").append(reader(attributes.get(i)));
    }
    out.append(");\n    attributes.checkAllRead();\n    return op;\n  }\n\n");
    out.append("  /** {@return a builder that starts with the defaults} */\n");
    out.append("  public static Builder builder() {\n    return new Builder();\n  }\n\n");
    out.append("  @Override\n  public OperatorSchema schema() {\n    return SCHEMA;\n  }\n\n");
    out.append("  @Override\n  public SequencedMap<String, Attribute> attributes() {\n");
    out.append("    AttributeMap map = new AttributeMap(SCHEMA);\n");
    for (Map<String, Object> attribute : attributes) {
      out.append("    map.put")
          .append(isOptional(attribute) ? "Optional" : "")
          .append(kind(attribute));
      out.append("(\"")
          .append(text(attribute, "name"))
          .append("\", ")
          .append(component(attribute))
          .append(");\n");
    }
    out.append("    return map.explicit();\n  }\n\n");
    out.append("  /** Collects the attributes; not safe for many threads. */\n");
    out.append("  public static final class Builder {\n");
    out.append(
        "    private final AttributeMap map = new AttributeMap(SCHEMA);\n\n"
            + "    private Builder() {}\n");
    for (Map<String, Object> attribute : attributes) {
      String c = component(attribute);
      String n = text(attribute, "name");
      out.append("\n    /** Sets {@code ").append(n).append("}. */\n");
      out.append("    public Builder ")
          .append(c)
          .append("(")
          .append(plainType(attribute))
          .append(" value) {\n");
      out.append("      map.put")
          .append(kind(attribute))
          .append("(\"")
          .append(n)
          .append("\", value);\n      return this;\n    }\n");
      String varargs =
          switch (text(attribute, "type")) {
            case "ints" -> "long";
            case "floats" -> "double";
            default -> null;
          };
      if (varargs != null) {
        String stream = varargs.equals("long") ? "LongStream" : "DoubleStream";
        out.append("\n    /** Sets {@code ").append(n).append("}. */\n");
        out.append("    public Builder ")
            .append(c)
            .append("(")
            .append(varargs)
            .append("... value) {\n");
        out.append("      return ")
            .append(c)
            .append("(java.util.stream.")
            .append(stream)
            .append(".of(value).boxed().toList());\n    }\n");
      }
      if (text(attribute, "type").equals("int")) {
        out.append("\n    /** Sets {@code ").append(n).append("} to 1 or 0. */\n");
        out.append("    public Builder ")
            .append(c)
            .append("(boolean value) {\n      return ")
            .append(c)
            .append("(value ? 1L : 0L);\n    }\n");
      }
    }
    out.append(
        "\n"
            + "    /**\n"
            + "     * {@return the attributes}\n"
            + "     *\n"
            + "     * @throws dev.isomorph.ir.diagnostic.IsomorphException if a required one is"
            + " missing\n"
            + "     */\n");
    out.append("    public ")
        .append(name)
        .append(" build() {\n      return of(map);\n    }\n  }\n}\n");
    return out.toString();
  }

  private String table() {
    StringBuilder out = new StringBuilder();
    out.append("package ").append(PACKAGE).append(";\n\nimport dev.isomorph.ir.AttributeMap;\n");
    out.append(
        "import dev.isomorph.ir.OpName;\n"
            + "import dev.isomorph.ir.OperatorSchema;\n"
            + "import dev.isomorph.ir.StandardOp;\n");
    out.append("import java.util.List;\nimport java.util.Optional;\n\n");
    out.append("/** All operators of the newest opsets. Generated from the operator table. */\n");
    out.append("public final class OperatorTable {\n  private OperatorTable() {}\n\n");
    out.append("  /** The names of all operators, sorted by domain and name. */\n");
    out.append("  public static final List<OpName> NAMES =\n      List.of(");
    for (int i = 0; i < operators.size(); i++) {
      out.append(i == 0 ? "\n          " : ",\n          ")
          .append("new OpName(")
          .append(quoted(text(operators.get(i), "domain")));
      out.append(", ").append(quoted(text(operators.get(i), "name"))).append(")");
    }
    out.append(");\n\n  /** {@return an operator's row of the table} */\n");
    out.append(
        "  public static Optional<OperatorSchema> schema(OpName name) {\n"
            + "    return Optional.ofNullable(\n"
            + "        switch (name.toString()) {\n");
    for (Map<String, Object> operator : operators) {
      out.append("          case ")
          .append(quoted(key(operator)))
          .append(" -> ")
          .append(operator.get("name"))
          .append("Op.SCHEMA;\n");
    }
    out.append("          default -> null;\n        });\n  }\n\n");
    out.append(
        "  /**\n"
            + "   * {@return an operator with its attributes}\n"
            + "   *\n"
            + "   * @throws IllegalArgumentException if there is no such operator\n"
            + "   */\n");
    out.append(
        "  public static StandardOp create(OpName name, AttributeMap attributes) {\n"
            + "    return switch (name.toString()) {\n");
    for (Map<String, Object> operator : operators) {
      out.append("      case ")
          .append(quoted(key(operator)))
          .append(" -> ")
          .append(operator.get("name"))
          .append("Op.of(attributes);\n");
    }
    out.append(
        "      default -> throw new IllegalArgumentException(\"no operator \" + name);\n"
            + "    };\n"
            + "  }\n"
            + "}\n");
    return out.toString();
  }

  private String builder() {
    StringBuilder out = new StringBuilder();
    out.append("package ")
        .append(PACKAGE)
        .append(";\n\nimport dev.isomorph.ir.Op;\nimport dev.isomorph.ir.Value;\n");
    out.append(
        "import java.util.ArrayList;\n"
            + "import java.util.List;\n"
            + "import java.util.function.Consumer;\n\n");
    out.append(
        "/**\n"
            + " * One method per operator: operands in order, then attributes. Generated from the"
            + " operator table.\n");
    out.append(
        " * Trailing optional operands can be left out; {@link Value#ABSENT} skips one in"
            + " between.\n"
            + " */\n");
    out.append("public abstract class OperatorBuilder {\n");
    out.append("  /** {@return the results of a new node} */\n");
    out.append("  public abstract List<Value> emit(Op op, List<Value> inputs, int outputs);\n");
    for (Map<String, Object> operator : operators) {
      methods(operator, out);
    }
    out.append("}\n");
    return out.toString();
  }

  private void methods(Map<String, Object> operator, StringBuilder out) {
    List<Map<String, Object>> inputs = maps(operator.get("inputs"));
    List<Map<String, Object>> outputs = maps(operator.get("outputs"));
    boolean requires = attributes(operator).stream().anyMatch(this::isRequired);
    boolean hasAttributes = !attributes(operator).isEmpty();
    boolean variadicOut =
        !outputs.isEmpty() && text(outputs.getLast(), "option").equals("variadic");
    int required = inputs.size();
    while (required > 0 && text(inputs.get(required - 1), "option").equals("optional")) {
      required--;
    }
    long single = outputs.stream().filter(o -> text(o, "option").equals("single")).count();
    boolean first = !variadicOut && (single <= 1);
    for (int n = required; n <= inputs.size(); n++) {
      for (int withAttributes = requires ? 1 : 0;
          withAttributes <= (hasAttributes ? 1 : 0);
          withAttributes++) {
        if (first) {
          method(operator, inputs.subList(0, n), withAttributes == 1, "Value", 1, out);
        }
        if (variadicOut || outputs.size() > 1) {
          method(
              operator,
              inputs.subList(0, n),
              withAttributes == 1,
              "List<Value>",
              variadicOut ? -1 : outputs.size(),
              out);
        }
      }
    }
  }

  private void method(
      Map<String, Object> operator,
      List<Map<String, Object>> inputs,
      boolean attributes,
      String result,
      int outputs,
      StringBuilder out) {
    String op = text(operator, "name");
    String name = camel(op);
    if (result.startsWith("List") && outputs > 0) {
      name = name + "All";
    }
    name = KEYWORDS.contains(name) ? name + "_" : name;
    out.append("\n  /** ")
        .append(title(operator))
        .append(". */\n  public ")
        .append(result)
        .append(' ')
        .append(name)
        .append('(');
    List<String> parameters = new ArrayList<>();
    StringBuilder operands = new StringBuilder();
    boolean variadic = false;
    for (Map<String, Object> input : inputs) {
      String parameter = component(input);
      if (text(input, "option").equals("variadic")) {
        variadic = true;
        parameters.add("List<Value> " + parameter);
        operands.append("    operands.addAll(").append(parameter).append(");\n");
      } else {
        parameters.add("Value " + parameter);
        operands.append("    operands.add(").append(parameter).append(");\n");
      }
    }
    if (outputs < 0) {
      parameters.add("int outputs");
    }
    if (attributes) {
      parameters.add("Consumer<" + op + "Op.Builder> attributes");
    }
    out.append(String.join(", ", parameters)).append(") {\n");
    String inputList;
    if (variadic) {
      out.append("    List<Value> operands = new ArrayList<>();\n").append(operands);
      inputList = "operands";
    } else {
      inputList =
          "List.of(" + String.join(", ", inputs.stream().map(this::component).toList()) + ")";
    }
    out.append("    ").append(op).append("Op.Builder op = ").append(op).append("Op.builder();\n");
    if (attributes) {
      out.append("    attributes.accept(op);\n");
    }
    out.append("    return emit(op.build(), ")
        .append(inputList)
        .append(", ")
        .append(outputs < 0 ? "outputs" : outputs + "")
        .append(")");
    out.append(result.equals("Value") ? ".getFirst()" : "").append(";\n  }\n");
  }

  private static final List<String> KEYWORDS =
      List.of("if", "and", "or", "not", "default", "return", "switch", "final");

  private String schema(Map<String, Object> operator) {
    StringBuilder out = new StringBuilder();
    out.append("\n          ")
        .append(quoted(text(operator, "domain")))
        .append(", ")
        .append(quoted(text(operator, "name")));
    out.append(", ")
        .append(integer(operator, "since"))
        .append(", ")
        .append(quoted(joined(list(operator.get("history")), ",")));
    out.append(",\n          ")
        .append(quoted(formals(operator, "inputs")))
        .append(",\n          ")
        .append(quoted(formals(operator, "outputs")));
    List<String> attributes = new ArrayList<>();
    for (Map<String, Object> attribute : attributes(operator)) {
      attributes.add(
          text(attribute, "name")
              + ":"
              + text(attribute, "type")
              + (isRequired(attribute) ? "!" : "")
              + (attribute.containsKey("default")
                  ? "=" + defaultText(attribute.get("default"))
                  : ""));
    }
    out.append(",\n          ").append(quoted(String.join("|", attributes)));
    List<String> constraints = new ArrayList<>();
    for (Map<String, Object> constraint : maps(operator.get("typeConstraints"))) {
      constraints.add(text(constraint, "name") + ":" + joined(list(constraint.get("types")), " "));
    }
    out.append(",\n          ").append(quoted(String.join("|", constraints)));
    out.append(",\n          ").append(!"nondeterministic".equals(operator.get("determinism")));
    out.append(", ").append(operator.get("hasFunction"));
    return out.toString();
  }

  private static String defaultText(Object value) {
    return value instanceof List<?> list ? joined(list(list), ",") : String.valueOf(value);
  }

  private String formals(Map<String, Object> operator, String which) {
    List<String> formals = new ArrayList<>();
    for (Map<String, Object> formal : maps(operator.get(which))) {
      String mark =
          switch (text(formal, "option")) {
            case "optional" -> "?";
            case "variadic" ->
                (Boolean.TRUE.equals(formal.get("homogeneous")) ? "*" : "~")
                    + integer(formal, "minArity");
            default -> "";
          };
      formals.add(text(formal, "name") + ":" + text(formal, "type") + mark);
    }
    return String.join("|", formals);
  }

  private String plainType(Map<String, Object> attribute) {
    return switch (text(attribute, "type")) {
      case "int" -> "long";
      case "float" -> "double";
      case "string" -> "String";
      case "ints" -> "java.util.List<Long>";
      case "floats" -> "java.util.List<Double>";
      case "strings" -> "java.util.List<String>";
      case "tensor", "sparse_tensor" -> "dev.isomorph.ir.tensor.Tensor";
      case "graph" -> "dev.isomorph.ir.Graph";
      case "type_proto" -> "dev.isomorph.ir.ValueType";
      default -> throw new IllegalArgumentException("attribute type " + attribute.get("type"));
    };
  }

  private String type(Map<String, Object> attribute) {
    if (!isOptional(attribute)) {
      return plainType(attribute);
    }
    return switch (text(attribute, "type")) {
      case "int" -> "java.util.OptionalLong";
      case "float" -> "java.util.OptionalDouble";
      default -> "java.util.Optional<" + plainType(attribute) + ">";
    };
  }

  private String kind(Map<String, Object> attribute) {
    return switch (text(attribute, "type")) {
      case "int" -> "Int";
      case "float" -> "Float";
      case "string" -> "Text";
      case "ints" -> "Ints";
      case "floats" -> "Floats";
      case "strings" -> "Texts";
      case "tensor", "sparse_tensor" -> "Tensor";
      case "graph" -> "Graph";
      case "type_proto" -> "Type";
      default -> throw new IllegalArgumentException("attribute type " + attribute.get("type"));
    };
  }

  private String reader(Map<String, Object> attribute) {
    return "attributes."
        + (isOptional(attribute) ? "optional" : "get")
        + kind(attribute)
        + "(\""
        + text(attribute, "name")
        + "\")";
  }

  private boolean isListLike(Map<String, Object> attribute) {
    return List.of("ints", "floats", "strings").contains(text(attribute, "type"));
  }

  private boolean isRequired(Map<String, Object> attribute) {
    return Boolean.TRUE.equals(attribute.get("required"));
  }

  private boolean isOptional(Map<String, Object> attribute) {
    return !isRequired(attribute) && !attribute.containsKey("default");
  }

  private List<Map<String, Object>> attributes(Map<String, Object> operator) {
    return maps(operator.get("attributes"));
  }

  private String component(Map<String, Object> named) {
    String camel = camel(text(named, "name"));
    return KEYWORDS.contains(camel) ? camel + "_" : camel;
  }

  private static String camel(String name) {
    StringBuilder out = new StringBuilder();
    boolean upper = false;
    for (char c : name.toCharArray()) {
      if (c == '_') {
        upper = !out.isEmpty();
      } else {
        out.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    int capitals = 0;
    while (capitals < out.length() && Character.isUpperCase(out.charAt(capitals))) {
      capitals++;
    }
    // LSTM becomes lstm, BatchNormalization batchNormalization, DFTLike dftLike.
    int lower = capitals <= 1 || capitals == out.length() ? capitals : capitals - 1;
    return out.substring(0, lower).toLowerCase(Locale.ROOT) + out.substring(lower);
  }

  private static String title(Map<String, Object> operator) {
    String domain = text(operator, "domain");
    return "{@code " + (domain.isEmpty() ? "" : domain + ".") + text(operator, "name") + "}";
  }

  private static String key(Map<String, Object> operator) {
    String domain = text(operator, "domain");
    return (domain.isEmpty() ? "" : domain + "::") + text(operator, "name");
  }

  private static String page(Map<String, Object> operator) {
    String domain = text(operator, "domain");
    String prefix =
        domain.isEmpty()
            ? "onnx__"
            : "onnx_" + domain.replace("ai.onnx.", "ai_onnx_").replace('.', '_') + "_";
    return "https://onnx.ai/onnx/operators/" + prefix + text(operator, "name") + ".html";
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  private static String joined(List<Object> values, String separator) {
    return String.join(separator, values.stream().map(String::valueOf).toList());
  }

  private static String text(Map<String, Object> map, String key) {
    return (String) map.get(key);
  }

  private static long integer(Map<String, Object> map, String key) {
    return ((Number) map.get(key)).longValue();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  private static List<Map<String, Object>> maps(Object value) {
    return list(value).stream().map(GenerateOperators::map).toList();
  }

  /** Reads JSON; a build step that runs from its source alone can use no library. */
  private static final class Json {
    private final String text;
    private int at;

    Json(String text) {
      this.text = text;
    }

    Object value() {
      skip();
      char c = text.charAt(at);
      if (c == '{') {
        at++;
        Map<String, Object> map = new LinkedHashMap<>();
        while (!take('}')) {
          String key = string();
          take(':');
          map.put(key, value());
          take(',');
        }
        return map;
      }
      if (c == '[') {
        at++;
        List<Object> list = new ArrayList<>();
        while (!take(']')) {
          list.add(value());
          take(',');
        }
        return list;
      }
      if (c == '"') {
        return string();
      }
      int start = at;
      while (at < text.length() && ",]} \n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(start, at);
      return switch (word) {
        case "true" -> true;
        case "false" -> false;
        case "null" -> null;
        default ->
            word.matches("-?\\d+") ? (Object) Long.valueOf(word) : (Object) Double.valueOf(word);
      };
    }

    private String string() {
      skip();
      at++;
      StringBuilder out = new StringBuilder();
      while (text.charAt(at) != '"') {
        char c = text.charAt(at++);
        if (c == '\\') {
          char e = text.charAt(at++);
          switch (e) {
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'u' -> {
              out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
              at += 4;
            }
            default -> out.append(e);
          }
        } else {
          out.append(c);
        }
      }
      at++;
      return out.toString();
    }

    private boolean take(char c) {
      skip();
      if (text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void skip() {
      while (Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }
  }
}
