package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.SparseTensorProto;
import dev.isomorph.importers.onnx.upgrade.OldNode;
import dev.isomorph.importers.onnx.upgrade.Upgrades;
import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.OperatorHistory;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.infer.InferenceContext;
import dev.isomorph.ir.infer.TypeInference;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Lowers nodes of one graph, subgraph or function body. */
final class NodeLowering {
  private static final OpName CONSTANT = OpName.onnx("Constant");

  private final ImportSession session;
  private final Map<String, Integer> opsets;
  private final Map<String, Attribute> parameters;

  /**
   * @param opsets version by domain, those of the model or of the function
   * @param parameters values of the attributes that a function's body refers to
   */
  NodeLowering(
      ImportSession session, Map<String, Integer> opsets, Map<String, Attribute> parameters) {
    this.session = session;
    this.opsets = opsets;
    this.parameters = parameters;
  }

  /** Lowers nodes, in an order that allows it; errors are recorded, so that all are found. */
  void lower(List<NodeProto> nodes, Scope scope) {
    List<NodeProto> sorted = NodeOrder.sorted(nodes);
    if (sorted != nodes) {
      session.note("the nodes are not in an order in which they can be computed; they were sorted");
    }
    nodes.forEach(n -> scope.use(NodeOrder.uses(n)));
    for (NodeProto node : sorted) {
      String described = NodeOrder.describe(node);
      Origin origin = Origin.of("onnx node \"" + node.getName() + "\"");
      scope.builder.at(origin);
      try {
        lower(node, scope);
      } catch (IsomorphException e) {
        session.error(e, described, origin);
        define(node, scope, placeholder(node, scope));
      }
    }
  }

  private void lower(NodeProto proto, Scope scope) {
    OpName name = new OpName(proto.getDomain(), proto.getOpType());
    if (name.equals(CONSTANT)) {
      constant(proto, scope);
      return;
    }
    List<Value> operands = new ArrayList<>();
    for (String input : proto.getInputList()) {
      operands.add(input.isEmpty() ? Value.ABSENT : operand(input, scope));
    }
    TreeMap<String, Attribute> attributes = attributes(proto, scope);
    Optional<Composite> composite =
        session.functions.find(name, proto.getOverload()).or(() -> ContribOperators.find(name));
    if (composite.isPresent()) {
      emit(proto, scope, new CompositeCall(composite.get(), attributes), operands);
    } else if (OperatorHistory.NEWEST.containsKey(name.domain())) {
      standard(proto, name, scope, operands, attributes);
    } else {
      unknown(proto, name, scope, operands, attributes);
    }
  }

  private void standard(
      NodeProto proto,
      OpName name,
      Scope scope,
      List<Value> operands,
      TreeMap<String, Attribute> attributes) {
    int opset = version(name);
    Optional<OperatorSchema> old = OperatorHistory.at(name, opset);
    if (old.isEmpty()) {
      notThere(proto, name, opset, scope, operands, attributes);
      return;
    }
    OperatorSchema schema = old.get();
    checkAgainst(schema, operands, attributes);
    List<Boolean> used =
        proto.getOutputList().stream().map(o -> !o.isEmpty() && scope.isUsed(o)).toList();
    OldNode node =
        new OldNode(
            NodeOrder.nameOf(proto),
            name,
            attributes,
            operands,
            used,
            scope.builder,
            session::report);
    Upgrades.apply(node, schema.since());
    Op op =
        node.composite()
            .orElseGet(
                () -> {
                  OperatorSchema newest = OperatorTable.schema(node.operator()).orElseThrow();
                  AttributeMap map = new AttributeMap(newest);
                  node.attributes().forEach(map::put);
                  return OperatorTable.create(newest.name(), map);
                });
    emit(proto, scope, op, node.inputs(), node.outputs());
  }

  /** Checks a node against the definition of its own opset, before anything of it is changed. */
  private static void checkAgainst(
      OperatorSchema schema, List<Value> operands, Map<String, Attribute> attributes) {
    for (String attribute : attributes.keySet()) {
      if (!schema.attributes().containsKey(attribute)) {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_ATTRIBUTE,
                "%s has no attribute '%s' in version %d",
                schema.name(),
                attribute,
                schema.since())
            .expected(String.join(", ", schema.attributes().keySet()), attribute)
            .toException();
      }
    }
    if (operands.size() > schema.maxInputs()) {
      throw Diagnostic.error(
              ErrorCode.MODEL_INVALID,
              "%s has too many operands for version %d",
              schema.name(),
              schema.since())
          .expected("at most " + schema.maxInputs(), operands.size())
          .toException();
    }
    for (int i = 0; i < schema.inputs().size(); i++) {
      boolean given = i < operands.size() && !operands.get(i).isAbsent();
      if (!given && schema.input(i).arity() == OperatorSchema.Arity.SINGLE) {
        throw Diagnostic.error(
                ErrorCode.MODEL_INVALID,
                "operand '%s' of %s is missing",
                schema.input(i).name(),
                schema.name())
            .toException();
      }
    }
  }

  private void notThere(
      NodeProto proto,
      OpName name,
      int opset,
      Scope scope,
      List<Value> operands,
      TreeMap<String, Attribute> attributes) {
    if (!OperatorHistory.isKnown(name)) {
      unknown(proto, name, scope, operands, attributes);
      return;
    }
    int first = OperatorHistory.versions(name).firstKey();
    String range =
        first > opset
            ? "exists from opset " + first + " on"
            : "was removed in opset " + OperatorHistory.versions(name).floorKey(opset);
    throw Diagnostic.error(
            ErrorCode.MODEL_INVALID, "%s %s, but the model imports opset %d", name, range, opset)
        .toException();
  }

  private void unknown(
      NodeProto proto,
      OpName name,
      Scope scope,
      List<Value> operands,
      TreeMap<String, Attribute> attributes) {
    int version = version(name);
    if (!session.allowOpaque) {
      List<String> known =
          java.util.stream.Stream.concat(
                  OperatorTable.NAMES.stream().map(OpName::toString),
                  session.functions.names().stream())
              .toList();
      session.unsupported(
          name,
          NodeOrder.describe(proto),
          NearestName.of(name.toString(), known)
              .map(n -> "the nearest known operator is " + n)
              .orElse("only ONNX's own operators and the model's own functions are known"));
    }
    emit(proto, scope, new OpaqueCall(name, version, attributes), operands);
  }

  /** {@return the version of an operator's domain that the model imports} */
  private int version(OpName name) {
    Integer version = opsets.get(name.domain());
    if (version == null) {
      String shown = name.domain().isEmpty() ? "ai.onnx" : name.domain();
      throw Diagnostic.error(
              ErrorCode.MODEL_INVALID, "the model imports no version of the domain '%s'", shown)
          .help(
              NearestName.of(name.domain(), opsets.keySet())
                  .map(n -> "the nearest imported domain is '" + n + "'")
                  .orElse("it imports " + String.join(", ", opsets.keySet())))
          .toException();
    }
    return version;
  }

  private Value operand(String name, Scope scope) {
    Value value = scope.find(name);
    if (value == null) {
      throw Diagnostic.error(ErrorCode.MODEL_INVALID, "nothing in the graph is called '%s'", name)
          .help(
              NearestName.of(name, scope.names())
                  .map(n -> "the nearest name is '" + n + "'")
                  .orElse(""))
          .toException();
    }
    return value;
  }

  private TreeMap<String, Attribute> attributes(NodeProto proto, Scope scope) {
    OnnxAttributes reader =
        new OnnxAttributes(
            session.file::tensor,
            graph -> new GraphLowering(session, this).region(graph, scope),
            type -> session.types.type(type, NodeOrder.nameOf(proto), false));
    TreeMap<String, Attribute> attributes = new TreeMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      Attribute value =
          attribute.getRefAttrName().isEmpty()
              ? reader.convert(attribute)
              : parameters.get(attribute.getRefAttrName());
      if (value != null && attributes.put(attribute.getName(), value) != null) {
        throw Diagnostic.error(
                ErrorCode.MODEL_INVALID, "the attribute '%s' is given twice", attribute.getName())
            .toException();
      }
    }
    return attributes;
  }

  private void emit(NodeProto proto, Scope scope, Op op, List<Value> operands) {
    emit(proto, scope, op, operands, proto.getOutputCount());
  }

  private void emit(NodeProto proto, Scope scope, Op op, List<Value> operands, int count) {
    String name = NodeOrder.nameOf(proto);
    List<String> results = new ArrayList<>();
    List<ValueType> declared = new ArrayList<>();
    int last = count;
    while (last > 1 && proto.getOutput(last - 1).isEmpty()) {
      last--;
    }
    for (int i = 0; i < last; i++) {
      String output = proto.getOutput(i);
      results.add(output.isEmpty() ? name + "." + i : output);
      declared.add(scope.declared.getOrDefault(output, ValueType.UNKNOWN));
    }
    Node node =
        scope.builder.add(name, op, operands, results, believable(name, op, operands, declared));
    define(proto, scope, node);
  }

  /** What the file declares, without what inference contradicts: the graph is what counts. */
  private List<ValueType> believable(
      String name, Op op, List<Value> operands, List<ValueType> declared) {
    if (op instanceof OpaqueCall
        || declared.stream().allMatch(d -> d instanceof ValueType.Unknown)) {
      return declared;
    }
    InferenceContext context =
        new InferenceContext(name, operands, declared.size(), hint -> Dim.symbol("any"), _ -> {});
    TypeInference.infer(op, context, List.of());
    List<ValueType> kept = new ArrayList<>();
    for (int i = 0; i < declared.size(); i++) {
      ValueType inferred = context.types().get(i);
      boolean fits = inferred.isCompatible(declared.get(i));
      if (!fits) {
        session.report(
            Diagnostic.warning(
                    ErrorCode.MODEL_INVALID,
                    "the type that the file declares for a result is not what the operator gives;"
                        + " it is ignored")
                .atNode("\"" + name + "\" (" + op.name() + ")")
                .expected(inferred, declared.get(i)));
      }
      kept.add(fits ? declared.get(i) : ValueType.UNKNOWN);
    }
    return kept;
  }

  private void define(NodeProto proto, Scope scope, Node node) {
    for (int i = 0; i < Math.min(proto.getOutputCount(), node.results().size()); i++) {
      define(proto.getOutput(i), node.result(i), scope, proto);
    }
  }

  private void define(String name, Value value, Scope scope, NodeProto maker) {
    if (!name.isEmpty() && !scope.define(name, value)) {
      session.error(
          Diagnostic.error(
                  ErrorCode.MODEL_INVALID, "the name '%s' stands for more than one value", name)
              .atNode(NodeOrder.describe(maker)));
    }
  }

  /** Stands for a node with errors, so that those behind it can be checked. */
  private static Node placeholder(NodeProto proto, Scope scope) {
    Op op = new OpaqueCall(new OpName("", proto.getOpType()), 0, new TreeMap<>());
    return scope.builder.add(
        NodeOrder.nameOf(proto), op, List.of(), proto.getOutputList(), List.of());
  }

  /** A Constant node is a parameter: a constant of the program. */
  private void constant(NodeProto proto, Scope scope) {
    version(CONSTANT);
    if (proto.getOutputCount() != 1 || proto.getInputCount() != 0) {
      throw Diagnostic.error(
              ErrorCode.MODEL_INVALID, "Constant has no operand and exactly one result")
          .toException();
    }
    String name = proto.getOutput(0);
    Tensor tensor = constantTensor(proto);
    define(name, Value.Parameter.constant(scope.key(name), tensor), scope, proto);
  }

  private Tensor constantTensor(NodeProto proto) {
    if (proto.getAttributeCount() != 1) {
      throw Diagnostic.error(
              ErrorCode.MODEL_INVALID,
              "Constant needs exactly one of its attributes, not %d",
              proto.getAttributeCount())
          .toException();
    }
    AttributeProto attribute = proto.getAttribute(0);
    if (attribute.getName().equals("sparse_value") && attribute.hasSparseTensor()) {
      SparseTensorProto sparse = attribute.getSparseTensor();
      return session.file.tensors().toTensor(sparse);
    }
    Attribute value =
        attribute.getRefAttrName().isEmpty()
            ? new OnnxAttributes(session.file::tensor, _ -> null, _ -> null).convert(attribute)
            : parameters.get(attribute.getRefAttrName());
    return switch (value) {
      case Attribute.TensorValue(Tensor tensor) -> tensor;
      case Attribute.Int(long v) -> Tensor.of(new long[] {v});
      case Attribute.Float(double v) -> Tensor.of(new float[] {(float) v});
      case Attribute.Text(String v) -> Tensor.of(List.of(v));
      case Attribute.Ints(List<Long> v) ->
          Tensor.vector(v.stream().mapToLong(Long::longValue).toArray());
      case Attribute.Floats(List<Double> v) -> floats(v);
      case Attribute.Texts(List<String> v) -> Tensor.of(v, v.size());
      case null, default ->
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_ATTRIBUTE,
                  "Constant has no attribute '%s' of this kind",
                  attribute.getName())
              .toException();
    };
  }

  private static Tensor floats(List<Double> values) {
    float[] narrow = new float[values.size()];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = values.get(i).floatValue();
    }
    return Tensor.of(narrow, narrow.length);
  }
}
