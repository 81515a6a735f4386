package dev.isomorph.ir;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Reads the text form of models and graphs; see {@link TextPrinter} for an example. Types behind a
 * node may be left out: they are inferred, and where they stand they must agree with what is
 * inferred. A parameter without elements needs a tensor beside the text.
 */
public final class TextParser {
  private final TextLexer in;
  private final Map<String, Tensor> tensors;
  private final BiFunction<OpName, Long, Composite> composites;
  private final List<String> assumptions = new ArrayList<>();
  private final Map<String, Value.Parameter> parameters = new LinkedHashMap<>();

  private TextParser(
      String text, Map<String, Tensor> tensors, BiFunction<OpName, Long, Composite> composites) {
    this.in = new TextLexer(text);
    this.tensors = tensors;
    this.composites = composites;
  }

  /**
   * {@return the model of a text: {@code model "name" { … }}, or parameters and graphs alone}
   *
   * @throws IsomorphException {@link ErrorCode#MODEL_INVALID} with line and column
   */
  public static Model model(String text) {
    return model(text, Map.of(), (_, _) -> null);
  }

  /**
   * {@return the model of a text}
   *
   * @param tensors values for parameters that are written without elements, by key
   * @param composites finds composites by name; null for one that is unknown
   */
  public static Model model(
      String text, Map<String, Tensor> tensors, Function<OpName, Composite> composites) {
    return model(text, tensors, (name, _) -> composites.apply(name));
  }

  /**
   * {@return the model of a text}
   *
   * @param tensors values for parameters that are written without elements, by key
   * @param composites finds composites by name and version; null for one that is unknown
   */
  public static Model model(
      String text, Map<String, Tensor> tensors, BiFunction<OpName, Long, Composite> composites) {
    return new TextParser(text, tensors, composites).parseModel();
  }

  /** {@return the first graph of a text} */
  public static Graph graph(String text) {
    return model(text).signature().graph();
  }

  private Model parseModel() {
    boolean wrapped = in.takeWord("model");
    String name = wrapped ? in.name() : "";
    if (wrapped) {
      in.expect("{");
    }
    List<Signature> signatures = new ArrayList<>();
    while (!in.atEnd() && !in.peek("}")) {
      if (in.takeWord("param")) {
        parameter();
      } else if (in.takeWord("graph")) {
        signatures.add(signature());
      } else {
        throw in.error("param or graph");
      }
    }
    if (wrapped) {
      in.expect("}");
    }
    if (!in.atEnd()) {
      throw in.error("the end");
    }
    if (signatures.isEmpty()) {
      throw in.error("a graph");
    }
    Model.Builder model = Model.builder(name.isEmpty() ? signatures.getFirst().name() : name);
    signatures.forEach(model::signature);
    parameters.values().forEach(model::unused);
    assumptions.forEach(model::assumption);
    return model.build();
  }

  private void parameter() {
    in.expect("@");
    String key = in.name();
    in.expect(":");
    ValueType type = type();
    Value.Parameter.Kind kind = Value.Parameter.Kind.CONSTANT;
    for (Value.Parameter.Kind candidate : Value.Parameter.Kind.values()) {
      if (in.takeWord(candidate.name().toLowerCase(Locale.ROOT))) {
        kind = candidate;
      }
    }
    Object storage = new Object();
    if (in.takeWord("tied")) {
      in.expect("@");
      storage = lookUpParameter(in.name()).storage();
    }
    Tensor tensor;
    if (in.take("=")) {
      tensor = literal(type);
    } else {
      tensor = tensors.get(key);
      if (tensor == null) {
        throw in.error("elements, or a tensor beside the text, for @" + key);
      }
    }
    parameters.put(key, new Value.Parameter(key, tensor, kind, storage, Derivation.KEPT));
  }

  private Tensor literal(ValueType type) {
    if (!(type instanceof ValueType.TensorType t) || !t.shape().isKnown()) {
      throw in.error("a tensor type of known dims before elements");
    }
    long[] dims = t.shape().known().orElseThrow();
    List<Object> items = list();
    if (items.size() != Tensor.sizeOf(dims)) {
      throw in.error(Tensor.sizeOf(dims) + " elements");
    }
    if (t.dtype() == DType.STRING) {
      return Tensor.of(items.stream().map(String::valueOf).toList(), dims);
    }
    java.lang.foreign.MemorySegment bytes = Tensor.allocate(t.dtype().byteSize(items.size()));
    for (int i = 0; i < items.size(); i++) {
      switch (items.get(i)) {
        case Long v -> dev.isomorph.ir.tensor.Elements.setLong(bytes, t.dtype(), i, v);
        case Double v -> dev.isomorph.ir.tensor.Elements.setDouble(bytes, t.dtype(), i, v);
        default -> throw in.error("numbers");
      }
    }
    return Tensor.of(t.dtype(), dims, bytes);
  }

  private Signature signature() {
    String name = in.name();
    GraphBuilder builder = new GraphBuilder(name).reserve(parameters.values());
    Map<String, Value> scope = new HashMap<>();
    List<Signature.Port> inputPorts = new ArrayList<>();
    in.expect("(");
    while (!in.take(")")) {
      in.expect("%");
      String input = in.name();
      in.expect(":");
      ValueType type = type();
      scope.put(input, builder.input(input, type));
      inputPorts.add(port(input, type));
      in.take(",");
    }
    List<Signature.State> states = new ArrayList<>();
    if (in.takeWord("state")) {
      in.expect("(");
      while (!in.take(")")) {
        in.expect("%");
        String read = in.name();
        in.expect(":");
        ValueType type = type();
        in.expect("=");
        in.expect("@");
        String key = in.name();
        scope.put(read, builder.input(read, type));
        String state = in.takeWord("as") ? in.name() : key;
        states.add(new Signature.State(state, lookUpParameter(key)));
        in.take(",");
      }
    }
    in.expect("->");
    in.expect("(");
    List<String> outputs = new ArrayList<>();
    List<Signature.Port> ports = new ArrayList<>();
    while (!in.take(")")) {
      outputs.add(reference());
      ports.add(port(outputs.getLast().substring(1), ValueType.UNKNOWN));
      in.take(",");
    }
    nodes(builder, scope);
    List<Value> results = outputs.stream().map(o -> lookUp(o, scope)).toList();
    Graph graph = builder.build(results);
    assumptions.addAll(builder.assumptions());
    List<Signature.Port> outputPorts = new ArrayList<>();
    for (int i = 0; i < results.size() - states.size(); i++) {
      Signature.Port port = ports.get(i);
      ValueType type =
          port.type() instanceof ValueType.Unknown ? results.get(i).type() : port.type();
      outputPorts.add(new Signature.Port(port.name(), type, port.layout(), port.doc()));
    }
    return new Signature(name, inputPorts, outputPorts, states, graph);
  }

  /** Reads what a port says beyond the value that stands for it. */
  private Signature.Port port(String value, ValueType valueType) {
    String name = in.takeWord("as") ? in.name() : value;
    ValueType type = in.takeWord("declared") ? type() : valueType;
    Signature.Layout layout = Signature.Layout.NONE;
    if (in.takeWord("layout")) {
      String word = in.name();
      layout =
          Arrays.stream(Signature.Layout.values())
              .filter(l -> l.name().equals(word))
              .findFirst()
              .orElseThrow(() -> in.error("a layout"));
    }
    return new Signature.Port(name, type, layout, in.takeWord("doc") ? in.name() : "");
  }

  private void formals(GraphBuilder builder, Map<String, Value> scope) {
    in.expect("(");
    while (!in.take(")")) {
      in.expect("%");
      String input = in.name();
      in.expect(":");
      scope.put(input, builder.input(input, type()));
      in.take(",");
    }
  }

  /** Reads {@code -> (outputs) { nodes }} and returns the outputs' references. */
  private List<String> body(GraphBuilder builder, Map<String, Value> scope) {
    in.expect("->");
    in.expect("(");
    List<String> outputs = new ArrayList<>();
    while (!in.take(")")) {
      outputs.add(reference());
      in.take(",");
    }
    nodes(builder, scope);
    return outputs;
  }

  private void nodes(GraphBuilder builder, Map<String, Value> scope) {
    in.expect("{");
    while (!in.take("}")) {
      node(builder, scope);
    }
  }

  private void node(GraphBuilder builder, Map<String, Value> scope) {
    List<String> results = new ArrayList<>();
    while (in.take("%")) {
      results.add(in.name());
      if (!in.take(",")) {
        break;
      }
    }
    if (!results.isEmpty()) {
      in.expect("=");
    }
    boolean opaque = in.takeWord("opaque");
    OpName opName = OpName.parse(in.operator());
    long version = in.take("@") ? in.integer() : 0;
    TextLexer.Mark place = in.mark();
    List<Value> operands = new ArrayList<>();
    in.expect("(");
    while (!in.take(")")) {
      operands.add(in.takeWord("_") ? Value.ABSENT : lookUp(reference(), scope));
      in.take(",");
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    if (in.take("{")) {
      while (!in.take("}")) {
        String attribute = in.name();
        in.expect("=");
        attributes.put(attribute, attribute(builder, scope));
        in.take(",");
      }
    }
    List<ValueType> declared = new ArrayList<>();
    if (in.take(":")) {
      do {
        declared.add(type());
      } while (in.take(","));
    }
    String name = in.take("@") ? in.name() : results.isEmpty() ? "" : results.getFirst();
    try {
      Op op =
          opaque
              ? new OpaqueCall(opName, version, AttributeMap.sorted(attributes))
              : operator(opName, version, attributes);
      Node node = builder.add(name, op, operands, results, declared);
      for (int i = 0; i < results.size(); i++) {
        scope.put(results.get(i), node.result(i));
      }
    } catch (IsomorphException e) {
      throw e.map(d -> d.from("line " + place.line()));
    }
  }

  private Op operator(OpName name, long version, Map<String, Attribute> attributes) {
    var schema = OperatorTable.schema(name);
    if (schema.isPresent() && version == 0) {
      AttributeMap map = new AttributeMap(schema.get());
      attributes.forEach(map::put);
      return OperatorTable.create(name, map);
    }
    Composite composite = composites.apply(name, version);
    if (composite == null || composite.version() != version) {
      String text = version == 0 ? name.toString() : name + "@" + version;
      throw in.error("an operator; '" + text + "' is none");
    }
    return new CompositeCall(composite, AttributeMap.sorted(attributes));
  }

  private Attribute attribute(GraphBuilder builder, Map<String, Value> scope) {
    if (in.peek("(")) {
      return new Attribute.Region(region(builder, scope));
    }
    if (in.takeWord("type")) {
      return new Attribute.Type(type());
    }
    if (in.takeWord("floats")) {
      list();
      return new Attribute.Floats(List.of());
    }
    if (in.takeWord("strings")) {
      list();
      return new Attribute.Texts(List.of());
    }
    if (in.peek("[")) {
      List<Object> items = list();
      if (!items.isEmpty() && items.getFirst() instanceof String) {
        return new Attribute.Texts(items.stream().map(String::valueOf).toList());
      }
      return items.stream().allMatch(i -> i instanceof Long)
          ? new Attribute.Ints(items.stream().map(i -> (Long) i).toList())
          : new Attribute.Floats(items.stream().map(i -> ((Number) i).doubleValue()).toList());
    }
    if (in.peekType()) {
      return new Attribute.TensorValue(literal(type()));
    }
    return switch (in.scalar()) {
      case Long v -> new Attribute.Int(v);
      case Double v -> new Attribute.Float(v);
      case Object v -> new Attribute.Text(String.valueOf(v));
    };
  }

  private Graph region(GraphBuilder builder, Map<String, Value> scope) {
    GraphBuilder inner = builder.newRegion(builder.freshName("region"));
    Map<String, Value> innerScope = new HashMap<>(scope);
    formals(inner, innerScope);
    if (in.take("[")) {
      while (!in.take("]")) {
        in.expect("%");
        String name = in.name();
        in.expect("=");
        innerScope.put(name, inner.captureAs(name, lookUp(reference(), scope)));
        in.take(",");
      }
    }
    List<String> outputs = body(inner, innerScope);
    return inner.build(outputs.stream().map(o -> lookUp(o, innerScope)).toList());
  }

  private List<Object> list() {
    in.expect("[");
    List<Object> items = new ArrayList<>();
    while (!in.take("]")) {
      items.add(in.scalar());
      in.take(",");
    }
    return items;
  }

  private ValueType type() {
    String text = in.type();
    try {
      return ValueType.parse(text);
    } catch (IllegalArgumentException e) {
      throw in.error("a type: " + e.getMessage());
    }
  }

  private String reference() {
    if (in.take("@")) {
      return "@" + in.name();
    }
    in.expect("%");
    return "%" + in.name();
  }

  private Value lookUp(String reference, Map<String, Value> scope) {
    String name = reference.substring(1);
    if (reference.startsWith("@")) {
      return lookUpParameter(name);
    }
    Value value = scope.get(name);
    if (value == null) {
      throw in.error("a value that is made before; %" + name + " is not");
    }
    return value;
  }

  private Value.Parameter lookUpParameter(String key) {
    Value.Parameter parameter = parameters.get(key);
    if (parameter == null) {
      throw in.error("a parameter that is declared before; @" + key + " is not");
    }
    return parameter;
  }

  static IsomorphException error(String expected, int line, int column, String found) {
    return Diagnostic.error(
            ErrorCode.MODEL_INVALID, "the text form is wrong at line %d, column %d", line, column)
        .expected(expected, found)
        .toException();
  }
}
