package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.proto.GraphProto;
import dev.isomorph.formats.onnx.proto.SparseTensorProto;
import dev.isomorph.formats.onnx.proto.TensorProto;
import dev.isomorph.formats.onnx.proto.ValueInfoProto;
import dev.isomorph.ir.Derivation;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Lowers the model's graph and the subgraphs of its nodes. */
final class GraphLowering {
  private final ImportSession session;
  private final NodeLowering nodes;

  GraphLowering(ImportSession session, NodeLowering nodes) {
    this.session = session;
    this.nodes = nodes;
  }

  /** What a model's graph became. */
  record Lowered(Signature signature, List<Value.Parameter> parameters, List<String> assumptions) {}

  Lowered graph(GraphProto proto) {
    GraphBuilder builder = new GraphBuilder(proto.getName());
    builder.reserveNames(names(proto));
    Scope scope = Scope.ofModel(builder);
    Set<String> statistics = statistics(proto);
    Map<String, Value.Parameter> parameters = initializers(proto, scope, statistics);
    List<Signature.Port> inputs = new ArrayList<>();
    List<String> defaults = new ArrayList<>();
    for (ValueInfoProto input : proto.getInputList()) {
      String name = input.getName();
      if (parameters.containsKey(name)) {
        defaults.add(name);
        continue;
      }
      ValueType type = type(input, true);
      inputs.add(new Signature.Port(name, type, Signature.Layout.NONE, input.getDocString()));
      if (!scope.define(name, builder.input(name, type))) {
        session.error(
            Diagnostic.error(ErrorCode.MODEL_INVALID, "two inputs are called '%s'", name));
      }
    }
    noteDefaults(defaults);
    body(proto, scope);
    List<Value> outputs = new ArrayList<>();
    List<Signature.Port> outputPorts = new ArrayList<>();
    for (ValueInfoProto output : proto.getOutputList()) {
      Value value = output(output, scope);
      outputs.add(value);
      outputPorts.add(port(output, value));
    }
    session.throwIfErrors();
    Graph graph = builder.build(outputs);
    Signature signature = new Signature(proto.getName(), inputs, outputPorts, List.of(), graph);
    return new Lowered(signature, List.copyOf(parameters.values()), builder.assumptions());
  }

  /** {@return a subgraph; what it uses of the scope around it becomes its captures} */
  Graph region(GraphProto proto, Scope outer) {
    GraphBuilder builder = outer.builder.newRegion(proto.getName());
    Scope scope = outer.inner(builder);
    Map<String, Value.Parameter> parameters = initializers(proto, scope, statistics(proto));
    for (ValueInfoProto input : proto.getInputList()) {
      if (!parameters.containsKey(input.getName())
          && !scope.define(input.getName(), builder.input(input.getName(), type(input, false)))) {
        throw Diagnostic.error(
                ErrorCode.MODEL_INVALID,
                "two inputs of the subgraph '%s' are called '%s'",
                proto.getName(),
                input.getName())
            .toException();
      }
    }
    body(proto, scope);
    return builder.build(proto.getOutputList().stream().map(o -> output(o, scope)).toList());
  }

  private void body(GraphProto proto, Scope scope) {
    for (ValueInfoProto info : proto.getValueInfoList()) {
      scope.declared.put(info.getName(), type(info, false));
    }
    for (ValueInfoProto output : proto.getOutputList()) {
      scope.declared.put(output.getName(), type(output, false));
      scope.use(Set.of(output.getName()));
    }
    nodes.lower(proto.getNodeList(), scope);
    if (proto.getQuantizationAnnotationCount() > 0) {
      session.note(
          "the graph '%s' has quantization annotations, which nothing computes with; they are"
              + " dropped",
          proto.getName());
    }
  }

  private ValueType type(ValueInfoProto info, boolean input) {
    if (!info.hasType()) {
      return ValueType.UNKNOWN;
    }
    try {
      return session.types.type(info.getType(), info.getName(), input);
    } catch (IsomorphException e) {
      e.diagnostics().forEach(session::error);
      return ValueType.UNKNOWN;
    }
  }

  /** Inputs with a default value: until IR version 3 every initializer had to be one. */
  private void noteDefaults(List<String> names) {
    if (!names.isEmpty() && session.file.model().getIrVersion() >= 4) {
      List<String> some = names.subList(0, Math.min(names.size(), 5));
      session.note(
          "%d inputs have a default value in the file and are taken as constants: '%s'%s",
          names.size(), String.join("', '", some), some.size() < names.size() ? ", …" : "");
    }
  }

  private Value output(ValueInfoProto output, Scope scope) {
    Value value = scope.find(output.getName());
    if (value == null) {
      session.error(
          Diagnostic.error(
                  ErrorCode.MODEL_INVALID, "the output '%s' is made by no node", output.getName())
              .help(
                  NearestName.of(output.getName(), scope.names())
                      .map(n -> "the nearest name is '" + n + "'")
                      .orElse("")));
      return Value.Parameter.constant(output.getName(), Tensor.vector());
    }
    return value;
  }

  /** The declared type, with what the file leaves open filled in. */
  private Signature.Port port(ValueInfoProto proto, Value value) {
    ValueType declared = type(proto, false);
    ValueType joined = value.type() instanceof ValueType.Unknown ? declared : value.type();
    if (declared instanceof ValueType.TensorType d
        && value.type() instanceof ValueType.TensorType v
        && d.dtype() == v.dtype()
        && d.shape().isRanked()
        && v.shape().hasRank(d.shape().rank())) {
      List<Dim> dims = new ArrayList<>();
      for (int i = 0; i < d.shape().rank(); i++) {
        boolean named =
            !proto.getType().getTensorType().getShape().getDim(i).getDimParam().isEmpty();
        Dim inferred = v.shape().dim(i);
        dims.add(named && !inferred.isKnown() ? d.shape().dim(i) : inferred);
      }
      joined = ValueType.tensor(d.dtype(), Shape.of(dims));
    }
    return new Signature.Port(proto.getName(), joined, Signature.Layout.NONE, proto.getDocString());
  }

  private Map<String, Value.Parameter> initializers(
      GraphProto proto, Scope scope, Set<String> statistics) {
    Map<String, Value.Parameter> parameters = new LinkedHashMap<>();
    for (TensorProto tensor : proto.getInitializerList()) {
      initializer(
          tensor.getName(), () -> session.file.tensor(tensor), scope, statistics, parameters);
    }
    for (SparseTensorProto sparse : proto.getSparseInitializerList()) {
      initializer(
          sparse.getValues().getName(),
          () -> session.file.tensors().toTensor(sparse),
          scope,
          statistics,
          parameters);
    }
    return parameters;
  }

  private void initializer(
      String name,
      Supplier<Tensor> read,
      Scope scope,
      Set<String> statistics,
      Map<String, Value.Parameter> parameters) {
    try {
      Tensor tensor = read.get();
      Value.Parameter parameter =
          new Value.Parameter(
              scope.key(name),
              tensor,
              kind(tensor, statistics.contains(name)),
              new Object(),
              Derivation.KEPT);
      if (name.isEmpty() || !scope.define(name, parameter)) {
        session.error(
            Diagnostic.error(
                ErrorCode.MODEL_INVALID,
                name.isEmpty() ? "an initializer has no name" : "two initializers are called '%s'",
                name));
      }
      parameters.put(name, parameter);
    } catch (IsomorphException e) {
      e.diagnostics().forEach(session::error);
    }
  }

  /** ONNX does not say what is trained; what no optimizer changes is told by its type and use. */
  private static Value.Parameter.Kind kind(Tensor tensor, boolean statistic) {
    if (tensor.dtype().isFloat()) {
      return statistic ? Value.Parameter.Kind.BUFFER : Value.Parameter.Kind.TRAINABLE;
    }
    boolean indices = tensor.dtype() == DType.I64 && tensor.rank() <= 1;
    return indices || tensor.dtype() == DType.BOOL
        ? Value.Parameter.Kind.CONSTANT
        : Value.Parameter.Kind.BUFFER;
  }

  /** The running means and variances of batch normalisations. */
  private static Set<String> statistics(GraphProto proto) {
    Set<String> names = new HashSet<>();
    proto.getNodeList().stream()
        .filter(n -> n.getOpType().equals("BatchNormalization") && n.getInputCount() == 5)
        .forEach(n -> names.addAll(n.getInputList().subList(3, 5)));
    return names;
  }

  /** The names that the file gives in its main graph. */
  private static Set<String> names(GraphProto proto) {
    Set<String> names = new HashSet<>();
    proto.getInitializerList().forEach(t -> names.add(t.getName()));
    proto.getInputList().forEach(i -> names.add(i.getName()));
    proto
        .getNodeList()
        .forEach(
            n -> {
              names.add(n.getName());
              names.addAll(n.getOutputList());
            });
    return names;
  }
}
