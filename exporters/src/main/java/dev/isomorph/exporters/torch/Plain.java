package dev.isomorph.exporters.torch;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.pass.Legalise;
import dev.isomorph.ir.pass.PassContext;
import dev.isomorph.ir.pass.PassRunner;
import java.util.List;

/** Brings a graph to plain operators: composites are expanded, what has no meaning is refused. */
final class Plain {
  private Plain() {}

  static Graph of(Model model, List<Diagnostic> refusals) {
    for (Node node : model.signature().graph().nodes()) {
      if (node.op() instanceof OpaqueCall call) {
        refusals.add(
            Diagnostic.error(
                    ErrorCode.UNSUPPORTED_OPERATOR, "no meaning is known of %s", call.name())
                .atNode(node.describe())
                .from(node.origin().toString()));
      }
    }
    boolean composite =
        model.signature().graph().nodes().stream().anyMatch(n -> n.op() instanceof CompositeCall);
    if (!composite) {
      return model.signature().graph();
    }
    Model plain =
        PassRunner.run(
            model,
            List.of(new Legalise("torch", node -> !(node.op() instanceof CompositeCall))),
            PassContext.standard());
    try (plain) {
      return plain.signature().graph();
    }
  }
}
