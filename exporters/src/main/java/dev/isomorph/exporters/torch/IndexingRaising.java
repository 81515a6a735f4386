package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Value;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Operators that read and write elements by index. */
final class IndexingRaising {
  private IndexingRaising() {}

  static void register(RaisingRules rules) {
    rules.on(GatherOp.class, IndexingRaising::gather);
    rules.on(GatherElementsOp.class, IndexingRaising::gatherElements);
    rules.on(SliceOp.class, IndexingRaising::slice);
    rules.on(ScatterElementsOp.class, IndexingRaising::scatterElements);
    rules.on(GatherNDOp.class, IndexingRaising::gatherNd);
    rules.on(ScatterNDOp.class, IndexingRaising::scatterNd);
    rules.on(OneHotOp.class, IndexingRaising::oneHot);
    rules.on(NonZeroOp.class, (_, r) -> "torch.nonzero(%s).t()".formatted(r.in(0)));
  }

  private static String gather(GatherOp op, Raise r) {
    int rank = r.rank(0);
    long axis = op.axis() < 0 ? op.axis() + rank : op.axis();
    Optional<Value.Parameter> table = r.parameter(0);
    boolean embedding =
        table.isPresent()
            && axis == 0
            && rank == 2
            && table.get().kind() == Value.Parameter.Kind.TRAINABLE
            && r.parameter(1).isEmpty()
            && r.dtype(1) == DType.I64
            && r.modules().areFree(List.of(table.get()));
    if (embedding) {
      return embedding(r, table.get());
    }
    Optional<long[]> known = r.knownIntegers(1);
    if (known.isPresent() && r.shape(1).hasRank(0)) {
      return "torch.select(%s, %d, %d)"
          .formatted(ElementwiseRaising.tensor(r, 0), axis, known.get()[0]);
    }
    StringBuilder index = new StringBuilder();
    for (int i = 0; i < axis; i++) {
      index.append(":, ");
    }
    // Indexing by a tensor counts negative indices from the end, as ONNX does.
    return "%s[%s%s]"
        .formatted(ElementwiseRaising.tensor(r, 0), index, ElementwiseRaising.tensor(r, 1));
  }

  private static String embedding(Raise r, Value.Parameter table) {
    SequencedMap<String, Value.Parameter> parts = new LinkedHashMap<>();
    parts.put("weight", table);
    String path = r.modules().path(parts, r.node().name());
    r.modules()
        .layer(
            path, "nn.Embedding(%d, %d)".formatted(table.tensor().dim(0), table.tensor().dim(1)));
    r.modules().tensor(path, "weight", table, table.tensor(), "kept", false);
    return "self%s(%s)".formatted(Modules.access(path), r.in(1));
  }

  private static String gatherElements(GatherElementsOp op, Raise r) {
    String x = r.in(0);
    String index = r.in(1);
    int axis = (int) op.axis();
    return "torch.gather(%s, %d, torch.where(%s < 0, %s + %s.shape[%d], %s))"
        .formatted(x, axis, index, index, x, axis, index);
  }

  private static String slice(SliceOp op, Raise r) {
    int rank = r.rank(0);
    List<String> starts =
        r.integers(1).orElseThrow(() -> r.refuse("its starts are computed from data"));
    List<String> ends =
        r.integers(2).orElseThrow(() -> r.refuse("its ends are computed from data"));
    List<Long> axes = new ArrayList<>();
    if (r.has(3)) {
      for (long axis : r.needIntegers(3, "the list of axes")) {
        axes.add(axis < 0 ? axis + rank : axis);
      }
    } else {
      for (long i = 0; i < starts.size(); i++) {
        axes.add(i);
      }
    }
    String[] parts = new String[rank];
    java.util.Arrays.fill(parts, ":");
    List<String> flips = new ArrayList<>();
    int last = 0;
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i).intValue();
      last = Math.max(last, axis);
      String step =
          r.has(4)
              ? r.integers(4).orElseThrow(() -> r.refuse("its steps are computed from data")).get(i)
              : "1";
      if (step.startsWith("-")) {
        boolean whole = step.equals("-1") && starts.get(i).equals("-1") && isFar(ends.get(i));
        if (!whole) {
          throw r.refuse("PyTorch has no slices that run backwards");
        }
        flips.add(String.valueOf(axis));
      } else {
        String end = isFar(ends.get(i)) ? "" : ends.get(i);
        String start = starts.get(i).equals("0") ? "" : starts.get(i);
        parts[axis] = start + ":" + end + (step.equals("1") ? "" : ":" + step);
      }
    }
    String text = ElementwiseRaising.tensor(r, 0);
    if (!java.util.Arrays.stream(parts).allMatch(":"::equals)) {
      text += "[" + String.join(", ", List.of(parts).subList(0, last + 1)) + "]";
    }
    return flips.isEmpty() ? text : "torch.flip(%s, dims=%s)".formatted(text, Raise.tuple(flips));
  }

  /** An end that lies beyond every axis. */
  private static boolean isFar(String end) {
    return end.matches("-?\\d{10,}");
  }

  private static String scatterElements(ScatterElementsOp op, Raise r) {
    String reduce =
        switch (op.reduction()) {
          case "none" -> "";
          case "add" -> "sum";
          case "mul" -> "prod";
          case "max" -> "amax";
          default -> "amin";
        };
    String x = r.in(0);
    String index = r.in(1);
    String positive =
        "torch.where(%s < 0, %s + %s.shape[%d], %s)".formatted(index, index, x, op.axis(), index);
    return reduce.isEmpty()
        ? "torch.scatter(%s, %d, %s, %s)"
            .formatted(x, op.axis(), positive, ElementwiseRaising.tensor(r, 2))
        : "torch.scatter_reduce(%s, %d, %s, %s, reduce=\"%s\")"
            .formatted(x, op.axis(), positive, ElementwiseRaising.tensor(r, 2), reduce);
  }

  private static String gatherNd(GatherNDOp op, Raise r) {
    if (op.batchDims() != 0) {
      throw r.refuse("it has %d batch axes", op.batchDims());
    }
    return "%s[torch.unbind(%s, dim=-1)]".formatted(r.in(0), r.in(1));
  }

  private static String scatterNd(ScatterNDOp op, Raise r) {
    boolean sayable = op.reduction().equals("none") || op.reduction().equals("add");
    if (!sayable) {
      throw r.refuse("PyTorch's index_put has no reduction %s", op.reduction());
    }
    return "torch.index_put(%s, torch.unbind(%s, dim=-1), %s, accumulate=%s)"
        .formatted(
            r.in(0),
            r.in(1),
            ElementwiseRaising.tensor(r, 2),
            op.reduction().equals("add") ? "True" : "False");
  }

  private static String oneHot(OneHotOp op, Raise r) {
    long depth = r.needIntegers(1, "the depth")[0];
    int rank = r.rank(0) + 1;
    long axis = op.axis() < 0 ? op.axis() + rank : op.axis();
    String values = r.in(2);
    String text =
        "torch.where(torch.unsqueeze(torch.remainder(%s, %d), dim=-1) == torch.arange(%d), %s[1], %s[0])"
            .formatted(r.in(0), depth, depth, values, values);
    return axis == rank - 1 ? text : "torch.movedim(%s, -1, %d)".formatted(text, axis);
  }
}
