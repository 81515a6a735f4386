package dev.isomorph.importers.tensorflow;

import dev.isomorph.formats.tensorflow.proto.AttrValue;
import dev.isomorph.formats.tensorflow.proto.FunctionDef;
import dev.isomorph.formats.tensorflow.proto.FunctionDefLibrary;
import dev.isomorph.formats.tensorflow.proto.NodeDef;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The functions of a graph's library. Not safe for many threads. */
final class Functions {
  private static final Set<String> CALLS = Set.of("PartitionedCall", "StatefulPartitionedCall");

  private final Map<String, FunctionDef> definitions = new HashMap<>();
  private final Map<String, Body> bodies = new HashMap<>();

  Functions(FunctionDefLibrary library) {
    for (FunctionDef function : library.getFunctionList()) {
      String name = function.getSignature().getName();
      if (definitions.put(name, function) != null) {
        throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "two functions have one name")
            .inEntry("function " + name)
            .toException();
      }
    }
  }

  /** {@return the function that a node calls, if it is a call} */
  Optional<Body> called(NodeDef node) {
    if (definitions.containsKey(node.getOp())) {
      return Optional.of(body(node.getOp()));
    }
    if (!CALLS.contains(node.getOp())) {
      return Optional.empty();
    }
    AttrValue function = node.getAttrMap().get("f");
    String name = function == null ? "" : function.getFunc().getName();
    if (!definitions.containsKey(name)) {
      throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a call names a function that is missing")
          .atNode(node.getName())
          .expected("a function of the library", name)
          .toException();
    }
    return Optional.of(body(name));
  }

  private Body body(String name) {
    Body body = bodies.get(name);
    if (body == null) {
      body = Body.ofFunction(definitions.get(name));
      bodies.put(name, body);
    }
    return body;
  }
}
