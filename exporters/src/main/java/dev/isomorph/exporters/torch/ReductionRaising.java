package dev.isomorph.exporters.torch;

import dev.isomorph.ir.op.*;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators that take axes away. */
final class ReductionRaising {
  private ReductionRaising() {}

  static void register(RaisingRules rules) {
    rules.on(
        ReduceSumOp.class,
        (op, r) ->
            reduce("torch.sum(%s, dim=%s, keepdim=%s)", op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceMeanOp.class,
        (op, r) ->
            reduce("torch.mean(%s, dim=%s, keepdim=%s)", op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceMaxOp.class,
        (op, r) ->
            reduce("torch.amax(%s, dim=%s, keepdim=%s)", op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceMinOp.class,
        (op, r) ->
            reduce("torch.amin(%s, dim=%s, keepdim=%s)", op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceL1Op.class,
        (op, r) ->
            reduce(
                "torch.linalg.vector_norm(%s, ord=1, dim=%s, keepdim=%s)",
                op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceL2Op.class,
        (op, r) ->
            reduce(
                "torch.linalg.vector_norm(%s, ord=2, dim=%s, keepdim=%s)",
                op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceLogSumExpOp.class,
        (op, r) ->
            reduce(
                "torch.logsumexp(%s, dim=%s, keepdim=%s)",
                op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceSumSquareOp.class,
        (op, r) ->
            reduce(
                "torch.sum(torch.square(%s), dim=%s, keepdim=%s)",
                op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(
        ReduceLogSumOp.class,
        (op, r) ->
            reduce(
                "torch.log(torch.sum(%s, dim=%s, keepdim=%s))",
                op.keepdims(), op.noopWithEmptyAxes(), r));
    rules.on(ReduceProdOp.class, ReductionRaising::prod);
    rules.on(
        ArgMaxOp.class,
        (op, r) -> arg("argmax", op.axis(), op.keepdims(), op.selectLastIndex(), r));
    rules.on(
        ArgMinOp.class,
        (op, r) -> arg("argmin", op.axis(), op.keepdims(), op.selectLastIndex(), r));
    rules.on(CumSumOp.class, ReductionRaising::cumSum);
    rules.on(TopKOp.class, ReductionRaising::topK);
  }

  private static String reduce(String text, long keepDims, long noop, Raise r) {
    Optional<List<Long>> axes = axes(noop, r);
    if (axes.isEmpty()) {
      return r.in(0);
    }
    return text.formatted(r.in(0), Raise.tuple(axes.get()), keepDims != 0 ? "True" : "False");
  }

  /** {@return the axes; empty if nothing is reduced} */
  private static Optional<List<Long>> axes(long noop, Raise r) {
    List<Long> axes = new ArrayList<>();
    if (r.has(1)) {
      for (long axis : r.needIntegers(1, "the list of axes")) {
        axes.add(axis);
      }
    }
    if (!axes.isEmpty()) {
      return Optional.of(axes);
    }
    if (noop != 0) {
      return Optional.empty();
    }
    for (long i = 0; i < r.rank(0); i++) {
      axes.add(i);
    }
    return Optional.of(axes);
  }

  private static String prod(ReduceProdOp op, Raise r) {
    List<Long> axes = axes(op.noopWithEmptyAxes(), r).orElse(List.of());
    int rank = r.rank(0);
    String text = r.in(0);
    // From the last axis on, so that the numbers of the others stay right.
    List<Long> ordered =
        axes.stream().map(a -> a < 0 ? a + rank : a).sorted((a, b) -> Long.compare(b, a)).toList();
    for (long axis : ordered) {
      text =
          "torch.prod(%s, dim=%d, keepdim=%s)"
              .formatted(text, axis, op.keepdims() != 0 ? "True" : "False");
    }
    return text;
  }

  private static String arg(String name, long axis, long keepDims, long last, Raise r) {
    if (last != 0) {
      throw r.refuse("it takes the last of equal elements");
    }
    return "torch.%s(%s, dim=%d, keepdim=%s)"
        .formatted(name, r.in(0), axis, keepDims != 0 ? "True" : "False");
  }

  private static String cumSum(CumSumOp op, Raise r) {
    if (op.exclusive() != 0) {
      throw r.refuse("it leaves each element out of its own sum");
    }
    long axis = r.needIntegers(1, "the axis")[0];
    String x = r.in(0);
    String from = op.reverse() != 0 ? "torch.flip(%s, dims=(%d,))".formatted(x, axis) : x;
    String sum = "torch.cumsum(%s, dim=%d)".formatted(from, axis);
    return op.reverse() != 0 ? "torch.flip(%s, dims=(%d,))".formatted(sum, axis) : sum;
  }

  private static String topK(TopKOp op, Raise r) {
    if (op.sorted() == 0) {
      throw r.refuse("the order of unsorted results is not determined");
    }
    String k = r.integers(1).map(List::getFirst).orElseGet(() -> "int(" + r.in(1) + ")");
    return "torch.topk(%s, %s, dim=%d, largest=%s)"
        .formatted(r.in(0), k, op.axis(), op.largest() != 0 ? "True" : "False");
  }
}
