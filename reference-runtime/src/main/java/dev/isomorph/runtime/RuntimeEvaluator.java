package dev.isomorph.runtime;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.pass.ConstantEvaluator;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes constants for folding by the CPU kernels, in the operators' own types: what is stored is
 * what a run would have computed. Safe for many threads.
 */
public final class RuntimeEvaluator implements ConstantEvaluator {
  /** The evaluator. */
  public static final RuntimeEvaluator INSTANCE = new RuntimeEvaluator();

  private RuntimeEvaluator() {}

  /**
   * {@inheritDoc}
   *
   * <p>An operator that fails on its operands is left to fail when the model runs, at its own node;
   * faults of Isomorph itself are thrown.
   */
  @Override
  public Optional<List<Tensor>> evaluate(Op op, List<Optional<Tensor>> operands, int results) {
    try (Model model = model(op, operands, results);
        Session session = Session.open(model, Device.cpu())) {
      List<Tensor> tensors = new ArrayList<>();
      for (Datum value : session.run(Map.of()).values().values()) {
        if (!(value instanceof Tensor tensor)) {
          return Optional.empty();
        }
        tensors.add(tensor);
      }
      return Optional.of(tensors);
    } catch (IsomorphException e) {
      if (e.code().kind() == ErrorCode.Kind.INTERNAL) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static Model model(Op op, List<Optional<Tensor>> operands, int results) {
    GraphBuilder builder = new GraphBuilder("constant");
    List<Value> values = new ArrayList<>();
    for (Optional<Tensor> operand : operands) {
      values.add(operand.map(builder::constant).orElse(Value.ABSENT));
    }
    Signature signature = Signature.of(builder.build(builder.emit(op, values, results)));
    return Model.builder("constant").signature(signature).build();
  }
}
