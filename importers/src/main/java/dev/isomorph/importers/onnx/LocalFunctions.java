package dev.isomorph.importers.onnx;

import dev.isomorph.formats.onnx.proto.AttributeProto;
import dev.isomorph.formats.onnx.proto.FunctionProto;
import dev.isomorph.formats.onnx.proto.NodeProto;
import dev.isomorph.formats.onnx.proto.OperatorSetIdProto;
import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.Composite;
import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.OpName;
import dev.isomorph.ir.Origin;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The model's own functions as composites: the body is the meaning. */
final class LocalFunctions {
  /** The most nodes that one call may expand to, nested calls included. */
  private static final long MAX_EXPANDED = 1_000_000;

  private record Key(OpName name, String overload) {}

  private final ImportSession session;
  private final Map<Key, FunctionProto> protos = new LinkedHashMap<>();
  private final Map<Key, Composite> composites = new HashMap<>();

  private LocalFunctions(ImportSession session) {
    this.session = session;
  }

  static LocalFunctions of(ImportSession session) {
    LocalFunctions functions = new LocalFunctions(session);
    for (FunctionProto proto : session.file.model().getFunctionsList()) {
      OpName name = new OpName(proto.getDomain(), proto.getName());
      Key key = new Key(name, proto.getOverload());
      if (functions.protos.putIfAbsent(key, proto) != null) {
        throw Diagnostic.error(ErrorCode.MODEL_INVALID, "two functions are called %s", name)
            .inFile(session.file.path().toString())
            .toException();
      }
    }
    Map<Key, Long> sizes = new HashMap<>();
    for (Key key : functions.protos.keySet()) {
      functions.measure(key, sizes, new ArrayList<>());
    }
    functions.protos.forEach(
        (key, proto) -> functions.composites.put(key, functions.composite(key, proto)));
    return functions;
  }

  /** {@return the function of this name, if the model has it} */
  Optional<Composite> find(OpName name, String overload) {
    return Optional.ofNullable(composites.get(new Key(name, overload)));
  }

  /** {@return the names of all functions} */
  List<String> names() {
    return protos.keySet().stream().map(k -> k.name.toString()).toList();
  }

  /** Counts the nodes behind a call; a function that reaches itself is refused. */
  private long measure(Key key, Map<Key, Long> sizes, List<Key> path) {
    FunctionProto proto = protos.get(key);
    if (proto == null) {
      return 1;
    }
    Long known = sizes.get(key);
    if (known != null) {
      return known;
    }
    if (path.contains(key)) {
      throw Diagnostic.error(
              ErrorCode.MODEL_INVALID,
              "the function %s calls itself: %s",
              key.name,
              String.join(" → ", path.stream().map(k -> k.name.toString()).toList()))
          .inFile(session.file.path().toString())
          .toException();
    }
    List<Key> longer = new ArrayList<>(path);
    longer.add(key);
    long size = measure(proto.getNodeList(), sizes, longer);
    if (size > MAX_EXPANDED) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_LIMIT,
              "a call of the function %s expands to more nodes than is allowed",
              key.name)
          .expected("at most " + MAX_EXPANDED, "more")
          .inFile(session.file.path().toString())
          .toException();
    }
    sizes.put(key, size);
    return size;
  }

  private long measure(List<NodeProto> nodes, Map<Key, Long> sizes, List<Key> path) {
    long size = 0;
    for (NodeProto node : nodes) {
      Key callee = new Key(new OpName(node.getDomain(), node.getOpType()), node.getOverload());
      size += measure(callee, sizes, path);
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          size += measure(attribute.getG().getNodeList(), sizes, path);
        }
      }
      size = Math.min(size, MAX_EXPANDED + 1);
    }
    return size;
  }

  private Composite composite(Key key, FunctionProto proto) {
    Map<String, Integer> opsets = new HashMap<>(session.opsets);
    for (OperatorSetIdProto opset : proto.getOpsetImportList()) {
      opsets.put(new OpName(opset.getDomain(), "").domain(), (int) opset.getVersion());
    }
    long version = session.opsets.getOrDefault(key.name.domain(), 1);
    OpName name =
        key.overload.isEmpty()
            ? key.name
            : new OpName(key.name.domain(), key.name.name() + "." + key.overload);
    return new Composite(
        name, version, (call, inputs, builder) -> expand(proto, opsets, call, inputs, builder));
  }

  private List<Value> expand(
      FunctionProto proto,
      Map<String, Integer> opsets,
      CompositeCall call,
      List<Value> inputs,
      GraphBuilder builder) {
    if (inputs.size() > proto.getInputCount()) {
      throw builder.invalid(
          "the function %s takes %d operands, not %d",
          proto.getName(), proto.getInputCount(), inputs.size());
    }
    Scope scope = Scope.ofFunction(builder);
    for (int i = 0; i < proto.getInputCount(); i++) {
      scope.define(proto.getInput(i), i < inputs.size() ? inputs.get(i) : Value.ABSENT);
    }
    scope.use(proto.getOutputList());
    Map<String, Attribute> given = new TreeMap<>();
    OnnxAttributes reader = new OnnxAttributes(session.file::tensor, _ -> null, _ -> null);
    for (AttributeProto attribute : proto.getAttributeProtoList()) {
      given.put(attribute.getName(), reader.convert(attribute));
    }
    given.putAll(call.attributes());
    for (String attribute : call.attributes().keySet()) {
      boolean declared =
          proto.getAttributeList().contains(attribute)
              || proto.getAttributeProtoList().stream()
                  .anyMatch(a -> a.getName().equals(attribute));
      if (!declared) {
        throw Diagnostic.error(
                ErrorCode.UNSUPPORTED_ATTRIBUTE,
                "the function %s has no attribute '%s'",
                proto.getName(),
                attribute)
            .toException();
      }
    }
    Origin origin = builder.origin();
    ImportSession body = session.ofFunction();
    new NodeLowering(body, opsets, given).lower(proto.getNodeList(), scope);
    builder.at(origin);
    body.throwIfErrors();
    List<Value> results = new ArrayList<>();
    for (String output : proto.getOutputList()) {
      Value value = scope.find(output);
      if (value == null) {
        throw builder.invalid(
            "the output '%s' of the function %s is made by no node", output, proto.getName());
      }
      results.add(value);
    }
    return results;
  }
}
