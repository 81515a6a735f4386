package dev.isomorph.ir.shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The lengths of a tensor's axes, or nothing but "some rank". Immutable. */
public final class Shape {
  /** The shape of which not even the rank is known. */
  public static final Shape UNKNOWN = new Shape(null);

  private final List<Dim> dims;

  private Shape(List<Dim> dims) {
    this.dims = dims;
  }

  /** {@return a shape of these dims} */
  public static Shape of(List<Dim> dims) {
    return new Shape(List.copyOf(dims));
  }

  /** {@return a shape of these dims} */
  public static Shape of(Dim... dims) {
    return new Shape(List.of(dims));
  }

  /** {@return a shape of known lengths} */
  public static Shape of(long... dims) {
    return new Shape(Arrays.stream(dims).mapToObj(Dim::of).toList());
  }

  /** {@return the shape of rank 0} */
  public static Shape scalar() {
    return new Shape(List.of());
  }

  /** {@return whether the rank is known} */
  public boolean isRanked() {
    return dims != null;
  }

  /**
   * {@return the number of axes}
   *
   * @throws IllegalStateException if it is unknown
   */
  public int rank() {
    return dims().size();
  }

  /** {@return whether the rank is known to be {@code rank}} */
  public boolean hasRank(int rank) {
    return dims != null && dims.size() == rank;
  }

  /**
   * {@return the dims}
   *
   * @throws IllegalStateException if the rank is unknown
   */
  public List<Dim> dims() {
    if (dims == null) {
      throw new IllegalStateException("the rank is unknown");
    }
    return dims;
  }

  /** {@return one dim; negative axes count from the end} */
  public Dim dim(int axis) {
    return dims().get(axis < 0 ? axis + rank() : axis);
  }

  /** {@return whether rank and all dims are known} */
  public boolean isKnown() {
    return dims != null && dims.stream().allMatch(Dim::isKnown);
  }

  /** {@return the lengths, when all are known} */
  public Optional<long[]> known() {
    return isKnown()
        ? Optional.of(dims.stream().mapToLong(Dim::known).toArray())
        : Optional.empty();
  }

  /** {@return the number of elements, as an expression} */
  public Dim size() {
    return dims().stream().reduce(Dim.of(1), Dim::times);
  }

  /** {@return the shape with one dim replaced} */
  public Shape with(int axis, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims());
    changed.set(axis < 0 ? axis + rank() : axis, dim);
    return of(changed);
  }

  /** {@return the axes {@code [from, to)}} */
  public Shape slice(int from, int to) {
    return of(dims().subList(from, to));
  }

  /** {@return the axes of this followed by those of another} */
  public Shape append(Shape other) {
    List<Dim> all = new ArrayList<>(dims());
    all.addAll(other.dims());
    return of(all);
  }

  /** {@return the shape with axis {@code i} taken from axis {@code perm[i]}} */
  public Shape permute(List<Integer> perm) {
    return of(perm.stream().map(dims()::get).toList());
  }

  /**
   * {@return the shape of an elementwise result, by numpy's rule}; unknown if a rank is
   *
   * @throws IllegalArgumentException if known dims cannot be broadcast
   */
  public Shape broadcast(Shape other) {
    if (!isRanked() || !other.isRanked()) {
      return UNKNOWN;
    }
    int rank = Math.max(rank(), other.rank());
    return of(
        IntStream.range(0, rank)
            .mapToObj(i -> fromEnd(rank - i).broadcast(other.fromEnd(rank - i)))
            .toList());
  }

  private Dim fromEnd(int back) {
    return back > rank() ? Dim.of(1) : dims.get(rank() - back);
  }

  /** {@return all symbols' names, sorted} */
  public Set<String> symbols() {
    if (dims == null) {
      return Collections.emptySet();
    }
    return dims.stream()
        .flatMap(d -> d.symbols().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** {@return this with symbols replaced, as {@link Dim#substitute} does} */
  public Shape substitute(Function<String, Dim> replacement) {
    return dims == null ? this : of(dims.stream().map(d -> d.substitute(replacement)).toList());
  }

  /** {@return whether a tensor could have both shapes: no rank and no known dim contradicts} */
  public boolean isCompatible(Shape other) {
    if (!isRanked() || !other.isRanked()) {
      return true;
    }
    return rank() == other.rank()
        && IntStream.range(0, rank())
            .allMatch(
                i -> {
                  Dim difference = dims.get(i).minus(other.dims.get(i));
                  return !difference.isKnown() || difference.is(0);
                });
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && java.util.Objects.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return java.util.Objects.hashCode(dims);
  }

  /** {@return the text form: {@code [N,3,2*H]}, or {@code [*]} for an unknown rank} */
  @Override
  public String toString() {
    return dims == null
        ? "[*]"
        : dims.stream().map(Dim::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
