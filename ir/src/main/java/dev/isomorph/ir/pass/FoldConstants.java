package dev.isomorph.ir.pass;

import dev.isomorph.ir.CompositeCall;
import dev.isomorph.ir.Contents;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.OpaqueCall;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.ConstantOp;
import dev.isomorph.ir.op.TransposeOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts a constant in the place of what depends on constants alone. Shape arithmetic is folded
 * through known contents, without running anything; the rest by the context's evaluator, in the
 * operator's own types, so that the stored bits are those that would be computed. Weights and
 * buffers are folded only where the context allows it. A constant that would be much larger than
 * what it is made from is not stored: it would cost the file more than the node costs.
 */
public final class FoldConstants implements Pass {
  private static final long ALWAYS_STORED_BYTES = 1 << 16;

  @Override
  public String name() {
    return "fold-constants";
  }

  @Override
  public Model run(Model model, PassContext context) {
    long stored = model.parameters().stream().mapToLong(p -> p.tensor().byteSize()).sum();
    long small = Math.max(ALWAYS_STORED_BYTES, stored / 100);
    List<RewriteRule> rules = List.of(new KnownContents(), transpose(), new Evaluated(small));
    return new RewritePass(name(), rules).run(model, context);
  }

  /** Every result's elements are known numbers, whatever the operands are. */
  private static final class KnownContents implements RewriteRule {
    @Override
    public String name() {
      return "known contents";
    }

    @Override
    public Optional<Patch> rewrite(Node node, Site site) {
      if (node.results().isEmpty() || node.op() instanceof OpaqueCall) {
        return Optional.empty();
      }
      List<Tensor> tensors = new ArrayList<>();
      for (Value.Result result : node.results()) {
        Optional<Tensor> tensor = result.contents().flatMap(c -> tensor(c, result.type()));
        if (tensor.isEmpty()) {
          return Optional.empty();
        }
        tensors.add(tensor.get());
      }
      return Optional.of(constants(node, tensors));
    }

    private static Optional<Tensor> tensor(Contents contents, ValueType type) {
      if (!contents.isKnown() || !(type instanceof ValueType.TensorType t)) {
        return Optional.empty();
      }
      DType dtype = t.dtype();
      boolean storable = (dtype.isInteger() || dtype == DType.BOOL) && !dtype.isPacked();
      if (!storable) {
        return Optional.empty();
      }
      long[] values = contents.known();
      MemorySegment bytes = Tensor.allocate(dtype.byteSize(values.length));
      for (int i = 0; i < values.length; i++) {
        Elements.setLong(bytes, dtype, i, values[i]);
      }
      long[] dims = contents.scalar() ? new long[0] : new long[] {values.length};
      return Optional.of(Tensor.of(dtype, dims, bytes));
    }
  }

  /** A permuted constant is made when it is asked for and costs no memory. */
  private static RewriteRule transpose() {
    return RewriteRule.on(
        "transposed constant",
        TransposeOp.class,
        (op, node, site) ->
            site.foldable(site.now(node.input(0)))
                .filter(p -> !p.tensor().dtype().isPacked())
                .filter(p -> p.tensor().dtype() != DType.STRING)
                .map(
                    p -> {
                      int[] perm = Permutation.of(op, p.tensor().rank()).toArray();
                      Tensor made = LazyTensors.transpose(p.tensor(), perm);
                      return Patch.by(node, Derived.from(p, made, "transposed"));
                    }));
  }

  private static Patch constants(Node node, List<Tensor> tensors) {
    Patch.Builder p = Patch.of(node);
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      values.add(p.constant(tensors.get(i)));
    }
    return p.replaceWith(values);
  }

  /**
   * The evaluator knows all results.
   *
   * @param small how many bytes are stored although they are more than what they are made from
   */
  private record Evaluated(long small) implements RewriteRule {
    @Override
    public String name() {
      return "computed constant";
    }

    @Override
    public Optional<Patch> rewrite(Node node, Site site) {
      if (!isPure(node)) {
        return Optional.empty();
      }
      long bytes = 0;
      List<Optional<Tensor>> operands = new ArrayList<>();
      for (Value operand : node.inputs()) {
        if (operand.isAbsent()) {
          operands.add(Optional.empty());
        } else if (site.foldable(site.now(operand)).isPresent()) {
          Tensor tensor = site.foldable(site.now(operand)).get().tensor();
          bytes += tensor.byteSize();
          operands.add(Optional.of(tensor));
        } else {
          return Optional.empty();
        }
      }
      long most = Math.min(site.context().limits().foldedBytes(), Math.max(small, 2 * bytes));
      if (!fits(node, most)) {
        return Optional.empty();
      }
      if (node.op() instanceof ConstantOp constant && constant.value().isPresent()) {
        return Optional.of(constants(node, List.of(constant.value().get())));
      }
      return site.context()
          .evaluator()
          .evaluate(node.op(), operands, node.results().size())
          .filter(made -> made.stream().mapToLong(Tensor::byteSize).sum() <= most)
          .map(made -> constants(node, made));
    }

    private static boolean isPure(Node node) {
      return !node.results().isEmpty()
          && node.op().regions().isEmpty()
          && switch (node.op()) {
            case StandardOp op -> op.schema().deterministic();
            case CompositeCall _, OpaqueCall _ -> false;
          };
    }

    /**
     * Whether the results are known to be no larger than {@code most} bytes before they are made.
     */
    private static boolean fits(Node node, long most) {
      long total = 0;
      for (Value.Result result : node.results()) {
        if (!(result.type() instanceof ValueType.TensorType t) || !t.shape().isKnown()) {
          return false;
        }
        if (t.dtype() == DType.STRING) {
          continue;
        }
        Dim size = size(t.shape());
        if (!size.isKnown() || size.known() > most) {
          return false;
        }
        total += t.dtype().byteSize(size.known());
      }
      return total <= most;
    }

    private static Dim size(Shape shape) {
      try {
        return shape.size();
      } catch (ArithmeticException e) {
        return Dim.of(Long.MAX_VALUE);
      }
    }
  }
}
