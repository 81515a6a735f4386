package dev.isomorph.exporters.onnx;

import com.google.protobuf.ByteString;
import dev.isomorph.exporters.LedgerEntry;
import dev.isomorph.exporters.Narrowing;
import dev.isomorph.exporters.onnx.downgrade.Downgrades;
import dev.isomorph.exporters.onnx.downgrade.NodeDraft;
import dev.isomorph.exporters.onnx.downgrade.Operand;
import dev.isomorph.formats.onnx.OnnxWriter;
import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.protobuf.LargeFields;
import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.OperatorSchema;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.op.OperatorTable;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Encodes one signature's graph for one opset. Used once. */
final class GraphEncoder {
  private final Model model;
  private final int opset;
  private final ValueNames names;
  private final LargeFields large = new LargeFields();
  private final GraphProto.Builder proto = GraphProto.newBuilder();
  private final Set<Value> written = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<String, Value.Parameter> parametersByName = new HashMap<>();
  private final List<Narrowing> narrowings = new ArrayList<>();
  private final List<LedgerEntry> ledger = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Diagnostic> errors = new ArrayList<>();
  private final TreeMap<String, Long> domains = new TreeMap<>();
  private final Set<DType> dtypes = EnumSet.noneOf(DType.class);
  private final Set<String> nodeNames = new HashSet<>();

  GraphEncoder(Model model, int opset, Map<Value, String> names) {
    this.model = model;
    this.opset = opset;
    this.names = new ValueNames(names);
    domains.put("", (long) opset);
  }

  /** {@return the references of the message's large tensors} */
  LargeFields large() {
    return large;
  }

  /** {@return versions by domain, of all domains that are used} */
  Map<String, Long> domains() {
    return domains;
  }

  Set<DType> dtypes() {
    return dtypes;
  }

  List<Narrowing> narrowings() {
    return narrowings;
  }

  List<LedgerEntry> ledger() {
    return ledger;
  }

  List<String> notes() {
    return notes;
  }

  /** {@return every reason why the opset cannot say the graph} */
  List<Diagnostic> errors() {
    return errors;
  }

  GraphProto encode(Signature signature, Graph graph) {
    proto.setName(signature.name().isEmpty() ? "graph" : signature.name());
    ports(signature, graph);
    List<NodeProto> last = outputs(signature, graph);
    for (Node node : graph.nodes()) {
      node(node, graph, proto);
    }
    types(graph, proto);
    last.forEach(proto::addNode);
    parameters(graph);
    return proto.build();
  }

  private void ports(Signature signature, Graph graph) {
    int ports = signature.inputs().size();
    for (int i = 0; i < ports; i++) {
      Signature.Port port = signature.inputs().get(i);
      names.fix(graph.inputs().get(i), port.name());
    }
    for (Signature.Port port : signature.outputs()) {
      names.fresh(port.name());
    }
    for (int i = 0; i < ports; i++) {
      Signature.Port port = signature.inputs().get(i);
      note(port.type());
      proto.addInput(OnnxTypeProtos.info(port.name(), port.type(), port.doc()));
    }
    for (int i = 0; i < signature.states().size(); i++) {
      Signature.State state = signature.states().get(i);
      Value.Input read = graph.inputs().get(ports + i);
      String name = names.fresh(state.name());
      names.fix(read, name);
      proto.addInput(
          OnnxTypeProtos.info(
              name, read.type(), "state; by default what the first call starts with"));
      proto.addInitializer(OnnxWriter.toProto(name, state.initial().tensor(), large));
      ledger.add(entry(state.initial(), name, state.initial().derivation().how()));
      written.add(state.initial());
    }
  }

  /** Fixes the names of what goes out, and {@return the nodes that are needed for that} */
  private List<NodeProto> outputs(Signature signature, Graph graph) {
    List<NodeProto> copies = new ArrayList<>();
    int ports = signature.outputs().size();
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value value = graph.outputs().get(i);
      boolean state = i >= ports;
      String name =
          state
              ? names.fresh(signature.states().get(i - ports).name() + ".next")
              : signature.outputs().get(i).name();
      ValueType type = state ? value.type() : signature.outputs().get(i).type();
      String doc = state ? "the state after this call" : signature.outputs().get(i).doc();
      if (state) {
        notes.add(
            "the state '%s' is an extra input, and '%s' an extra output to be given to the next call"
                .formatted(signature.states().get(i - ports).name(), name));
      }
      boolean own = value instanceof Value.Parameter && value.name().equals(name);
      if ((value instanceof Value.Result || own) && !names.has(value)) {
        names.fix(value, name);
        use(value);
      } else if (!names.has(value) || !names.of(value).equals(name)) {
        copies.add(copy(value, name));
      }
      proto.addOutput(OnnxTypeProtos.info(name, type, doc));
    }
    return copies;
  }

  private NodeProto copy(Value value, String name) {
    return NodeProto.newBuilder()
        .setName(nodeName(name))
        .setOpType("Identity")
        .addInput(use(value))
        .addOutput(name)
        .build();
  }

  private String nodeName(String wanted) {
    String name = wanted;
    for (int i = 1; !nodeNames.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** {@return the name of an operand; a parameter becomes an initializer at its first use} */
  private String use(Value value) {
    String name = names.of(value);
    if (value instanceof Value.Parameter parameter && written.add(value)) {
      initializer(name, parameter.tensor());
      ledger.add(entry(parameter, name, parameter.derivation().how()));
    }
    return name;
  }

  private void initializer(String name, Tensor tensor) {
    dtypes.add(tensor.dtype());
    TensorProto encoded = OnnxWriter.toProto(name, tensor, large);
    proto.addInitializer(encoded);
  }

  private static LedgerEntry entry(Value.Parameter parameter, String target, String how) {
    return new LedgerEntry(
        parameter.name(),
        target,
        parameter.tensor().typeText(),
        how,
        parameter.derivation().keys());
  }

  /** An ONNX source's unused initializers stay; those of others are no part of the graph. */
  private void parameters(Graph graph) {
    boolean keep = model.source().format().equals("onnx");
    Set<Value.Parameter> used = graph.parameters();
    for (Value.Parameter parameter : model.parameters()) {
      if (written.contains(parameter)) {
        continue;
      }
      if (used.contains(parameter)) {
        ledger.add(entry(parameter, "", "written as an attribute"));
      } else if (keep) {
        use(parameter);
      } else {
        ledger.add(entry(parameter, "", "left out: nothing in the graph uses it"));
      }
    }
  }

  private void node(Node node, Graph graph, GraphProto.Builder out) {
    try {
      NodeDraft draft = draft(node, graph);
      if (node.op() instanceof StandardOp op) {
        String domain = op.name().domain();
        if (domain.isEmpty()) {
          Downgrades.apply(draft, Opsets.NEWEST);
        } else {
          // Domains are versioned apart: the one that goes with the opset, unless an operator is
          // newer.
          long own = domain.equals("ai.onnx.ml") ? Opsets.ml(opset) : 1;
          domains.merge(domain, Math.max(own, op.schema().since()), Math::max);
        }
      } else if (node.op() instanceof CompositeCall call && Sayable.isLegacy(call)) {
        Downgrades.apply(draft, (int) call.composite().version());
      } else {
        foreign(node);
      }
      out.addNode(encode(node, draft));
    } catch (IsomorphException e) {
      e.diagnostics().forEach(d -> errors.add(d.from(node.origin().toString())));
    }
  }

  private void foreign(Node node) {
    OpName name = node.op().name();
    if (node.op() instanceof OpaqueCall call) {
      if (!model.source().format().equals("onnx")) {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_TARGET,
                "%s has no known meaning, and cannot be written to another format",
                name)
            .atNode(node.describe())
            .toException();
      }
      domains.put(name.domain(), call.version());
    } else {
      domains.put(name.domain(), 1L);
    }
  }

  private NodeDraft draft(Node node, Graph graph) {
    List<Operand> operands = node.inputs().stream().map(this::operand).toList();
    List<Operand> results = new ArrayList<>();
    for (Value.Result result : node.results()) {
      note(result.type());
      boolean used = !graph.uses(result).isEmpty() || graph.isOutput(result);
      results.add(
          used || !isUnnamed(node, result) || !optional(node, result.index())
              ? new Operand(names.of(result), result.type(), Optional.empty())
              : Operand.ABSENT);
    }
    while (results.size() > 1 && results.getLast().isAbsent()) {
      results.removeLast();
    }
    OpName operator =
        node.op() instanceof CompositeCall call && Sayable.isLegacy(call)
            ? OpName.onnx(call.name().name())
            : node.op().name();
    return new NodeDraft(
        node.name(), operator, node.op().attributes(), operands, results, opset, this::constant);
  }

  /** Whether the result has the name that one without a name of its own gets. */
  private static boolean isUnnamed(Node node, Value.Result result) {
    return result.name().equals(node.name() + "." + result.index())
        || result.index() == 0 && result.name().equals(node.name());
  }

  private static boolean optional(Node node, int result) {
    return OperatorTable.schema(node.op().name())
        .map(s -> s.output(result).arity() == OperatorSchema.Arity.OPTIONAL)
        .orElse(false);
  }

  private Operand operand(Value value) {
    if (value.isAbsent()) {
      return Operand.ABSENT;
    }
    String name = names.of(value);
    // Written when it is still an operand at the end: a step down may make it an attribute.
    if (value instanceof Value.Parameter parameter) {
      parametersByName.put(name, parameter);
    }
    return new Operand(name, value.type(), value.constant());
  }

  private Operand constant(String hint, Tensor tensor) {
    String name = names.fresh(hint);
    initializer(name, tensor);
    return new Operand(name, ValueType.of(tensor), Optional.of(tensor));
  }

  private NodeProto encode(Node node, NodeDraft draft) {
    NodeProto.Builder out =
        NodeProto.newBuilder()
            .setName(nodeName(node.name()))
            .setOpType(draft.operator().name())
            .setDomain(draft.operator().domain());
    for (Operand input : draft.inputs()) {
      Value.Parameter parameter = parametersByName.get(input.name());
      out.addInput(parameter == null ? input.name() : use(parameter));
    }
    draft.outputs().forEach(o -> out.addOutput(o.name()));
    draft.attributes().forEach((key, value) -> out.addAttribute(attribute(node, key, value)));
    return out.build();
  }

  private AttributeProto attribute(Node node, String key, Attribute value) {
    AttributeProto.Builder out = AttributeProto.newBuilder().setName(key);
    switch (value) {
      case Attribute.Int(long v) -> out.setType(AttributeProto.AttributeType.INT).setI(v);
      case Attribute.Float(double v) ->
          out.setType(AttributeProto.AttributeType.FLOAT).setF(narrow(node, key, v));
      case Attribute.Text(String v) ->
          out.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(v));
      case Attribute.TensorValue(Tensor v) ->
          out.setType(AttributeProto.AttributeType.TENSOR).setT(OnnxWriter.toProto("", v, large));
      case Attribute.Region(Graph v) ->
          out.setType(AttributeProto.AttributeType.GRAPH).setG(region(node, v));
      case Attribute.Type(ValueType v) ->
          out.setType(AttributeProto.AttributeType.TYPE_PROTO).setTp(OnnxTypeProtos.type(v));
      case Attribute.Ints(List<Long> v) ->
          out.setType(AttributeProto.AttributeType.INTS).addAllInts(v);
      case Attribute.Floats(List<Double> v) -> {
        out.setType(AttributeProto.AttributeType.FLOATS);
        for (int i = 0; i < v.size(); i++) {
          out.addFloats(narrow(node, key + "[" + i + "]", v.get(i)));
        }
      }
      case Attribute.Texts(List<String> v) -> {
        out.setType(AttributeProto.AttributeType.STRINGS);
        v.forEach(t -> out.addStrings(ByteString.copyFromUtf8(t)));
      }
    }
    return out.build();
  }

  /** ONNX's attributes have 32 bits, other dialects' 64. */
  private float narrow(Node node, String key, double value) {
    float narrow = (float) value;
    if (Double.compare(narrow, value) != 0 && !Double.isNaN(value)) {
      narrowings.add(new Narrowing(node.name(), key, value, narrow));
    }
    return narrow;
  }

  private GraphProto region(Node node, Graph region) {
    GraphProto.Builder out = GraphProto.newBuilder();
    out.setName(region.name().isEmpty() ? node.name() : region.name());
    List<Value> captured = node.captures(region);
    for (int i = 0; i < captured.size(); i++) {
      use(captured.get(i));
      names.alias(region.captures().get(i), captured.get(i));
    }
    for (Value.Input input : region.inputs()) {
      out.addInput(OnnxTypeProtos.info(names.of(input), input.type(), ""));
    }
    region.nodes().forEach(n -> node(n, region, out));
    types(region, out);
    Set<Value> given = new HashSet<>();
    for (Value value : region.outputs()) {
      String name;
      if (value instanceof Value.Result && given.add(value)) {
        name = names.of(value);
      } else {
        name = names.fresh(value.name() + ".out");
        out.addNode(copy(value, name));
      }
      out.addOutput(OnnxTypeProtos.info(name, value.type(), ""));
    }
    return out.build();
  }

  /** Declares what is known of intermediate values, for those who infer less. */
  private void types(Graph graph, GraphProto.Builder out) {
    for (Node node : graph.nodes()) {
      for (Value.Result result : node.results()) {
        boolean ranked = result.type().shape().isRanked();
        if (ranked && !graph.isOutput(result) && !graph.uses(result).isEmpty()) {
          out.addValueInfo(OnnxTypeProtos.info(names.of(result), result.type(), ""));
        }
      }
    }
  }

  private void note(ValueType type) {
    if (type instanceof ValueType.TensorType tensor) {
      dtypes.add(tensor.dtype());
    }
  }
}
