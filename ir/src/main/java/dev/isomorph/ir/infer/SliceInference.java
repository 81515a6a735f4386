package dev.isomorph.ir.infer;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.op.SliceOp;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** {@code Slice}: starts and ends count from the back when negative and are clamped. */
final class SliceInference {
  private SliceInference() {}

  static void register(InferenceRules rules) {
    rules.on(SliceOp.class, (_, in) -> slice(in));
  }

  private static void slice(InferenceContext in) {
    Shape shape = in.shape(0);
    if (!shape.isRanked()) {
      return;
    }
    int rank = shape.rank();
    int count = in.length(1).orElse(in.length(2).orElse(-1));
    Optional<List<Integer>> axes =
        in.has(3)
            ? in.knownIntegers(3).map(a -> in.axes(a, rank))
            : count < 0
                ? Optional.empty()
                : Optional.of(IntStream.range(0, count).boxed().toList());
    if (axes.isEmpty()) {
      in.result(0, in.freshShape(rank, "sliced"));
      return;
    }
    if (axes.get().size() > rank) {
      throw in.error("there are more slices than axes")
          .expected("at most " + rank, axes.get().size())
          .toException();
    }
    List<Dim> starts = elements(in, 1, axes.get().size(), "starts");
    List<Dim> ends = elements(in, 2, axes.get().size(), "ends");
    List<Dim> steps = in.has(4) ? elements(in, 4, axes.get().size(), "steps") : null;
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < axes.get().size(); i++) {
      int axis = axes.get().get(i);
      Dim step = steps == null ? Dim.of(1) : steps.get(i);
      if (step != null && step.is(0)) {
        throw in.invalid("the step along axis %d is 0", axis);
      }
      Dim length = length(in, shape.dim(axis), starts.get(i), ends.get(i), step);
      dims.set(axis, length == null ? in.freshSymbol("sliced") : length);
    }
    in.result(0, Shape.of(dims));
    if (rank == 1 && in.vector(0).isPresent() && axes.get().size() == 1) {
      Dim step = steps == null ? Dim.of(1) : steps.getFirst();
      sliceContents(in, in.vector(0).get(), starts.getFirst(), ends.getFirst(), step);
    }
  }

  /** The elements of an operand; null stands for one that is not known. */
  private static List<Dim> elements(InferenceContext in, int input, int count, String name) {
    Optional<List<Dim>> known = in.vector(input);
    if (known.isPresent() && known.get().size() != count) {
      throw in.error("operand '%s' has the wrong number of elements", name)
          .expected(count, known.get())
          .toException();
    }
    List<Dim> unknown = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      unknown.add(null);
    }
    return known.orElse(unknown);
  }

  private static Dim length(InferenceContext in, Dim dim, Dim start, Dim end, Dim step) {
    if (start == null || end == null || step == null || !step.isKnown()) {
      return null;
    }
    if (dim.isKnown() && start.isKnown() && end.isKnown()) {
      long[] range = range(dim.known(), start.known(), end.known(), step.known());
      return Dim.of(range[2]);
    }
    if (step.known() < 0) {
      return reversed(dim, start, end, step);
    }
    Dim from = position(in, dim, start);
    Dim to = position(in, dim, end);
    if (from == null || to == null) {
      return null;
    }
    Dim span = to.minus(from);
    Dim count = span.ceilDiv(step);
    return span.isAtLeast(0) ? count : count.max(Dim.of(0));
  }

  /** A whole axis backwards; other negative steps over unknown lengths are not followed. */
  private static Dim reversed(Dim dim, Dim start, Dim end, Dim step) {
    boolean fromLast = start.is(-1) || start.isKnown() && start.known() >= Integer.MAX_VALUE;
    boolean toFirst = end.isKnown() && end.known() <= Integer.MIN_VALUE;
    return fromLast && toFirst ? dim.ceilDiv(step.times(-1)) : null;
  }

  /** A start or end for a positive step, counted from the front and clamped; null if unknown. */
  private static Dim position(InferenceContext in, Dim dim, Dim given) {
    if (given.isKnown() && given.known() >= Integer.MAX_VALUE) {
      return dim;
    }
    if (given.isKnown() && given.known() < 0) {
      Dim back = dim.plus(Math.max(given.known(), -Long.MAX_VALUE));
      return given.known() <= Integer.MIN_VALUE
          ? Dim.of(0)
          : back.isAtLeast(0) ? back : back.max(Dim.of(0));
    }
    if (given.isAtLeast(0)) {
      return dim.minus(given).isAtLeast(0) ? given : given.min(dim);
    }
    if (dim.minus(given).isKnown() && dim.minus(given).known() >= 0) {
      in.assume("%s is at least 0", given);
      return given.max(Dim.of(0));
    }
    return null;
  }

  /** Start, step and count of a slice of known numbers. */
  private static long[] range(long n, long start, long end, long step) {
    long from = start < 0 ? start + n : start;
    long to = end < 0 ? end + n : end;
    if (step > 0) {
      from = Math.clamp(from, 0, n);
      to = Math.clamp(to, 0, n);
      return new long[] {from, step, Math.max(0, Math.ceilDiv(to - from, step))};
    }
    from = Math.clamp(from, 0, Math.max(n - 1, 0));
    to = Math.clamp(to, -1, n - 1);
    long count =
        n == 0 ? 0 : Math.max(0, Math.ceilDiv(from - to, -Math.max(step, -Long.MAX_VALUE)));
    return new long[] {from, step, count};
  }

  private static void sliceContents(
      InferenceContext in, List<Dim> elements, Dim start, Dim end, Dim step) {
    if (start == null || end == null || step == null) {
      return;
    }
    if (!start.isKnown() || !end.isKnown() || !step.isKnown()) {
      return;
    }
    long[] range = range(elements.size(), start.known(), end.known(), step.known());
    List<Dim> picked = new ArrayList<>();
    for (long i = 0; i < range[2]; i++) {
      picked.add(elements.get((int) (range[0] + i * range[1])));
    }
    in.contents(0, Contents.vector(picked));
  }
}
