package dev.isomorph.verifier.inputs;

import dev.isomorph.ir.Signature;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Makes inputs that show differences: seeded, at several sizes of every symbolic dim, with ordinary
 * values, large and tiny ones, single impulses and edges. The same seed gives the same inputs.
 */
public final class InputSets {
  /** What the elements of float inputs are like. */
  public enum Kind {
    /** Standard normal. */
    NORMAL,
    /** Normal, times 8: saturates what saturates. */
    WIDE,
    /** Normal, times 1/1024: where epsilons matter. */
    NEAR_ZERO,
    /** Zero but for a few ones: shows where each position goes. */
    IMPULSES,
    /** Zeros of both signs, ones, halves and small integers: ties and borders. */
    EDGES
  }

  private static final long[] PRIMES = {3, 5, 7, 11, 13, 17};
  private static final double[] EDGE_VALUES = {0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3};
  private static final long DEFAULT_RANGE = 8;
  private static final List<String> WORDS = List.of("a", "isomorph", "", "Zürich", "two words");

  private InputSets() {}

  /**
   * {@return input sets for a signature}: ordinary values with all symbolic dims at 1, at 2 and at
   * different primes, and every other kind at the primes.
   *
   * @param sizes sizes of symbolic dims that are fixed by the user, by name
   * @param seed where the random numbers start
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#USAGE_SHAPE_NEEDED} if an
   *     input's rank is not known
   */
  public static List<InputSet> generate(Signature signature, Map<String, Long> sizes, long seed) {
    SequencedSet<String> free = new TreeSet<>();
    for (Signature.Port port : signature.inputs()) {
      checkShape(port);
      free.addAll(port.type().shape().symbols());
    }
    free.removeAll(sizes.keySet());
    SplittableRandom random = new SplittableRandom(seed);
    List<InputSet> sets = new ArrayList<>();
    if (!free.isEmpty()) {
      sets.add(make(signature, Kind.NORMAL, all(free, sizes, 1), random.split()));
      sets.add(make(signature, Kind.NORMAL, all(free, sizes, 2), random.split()));
    }
    Map<String, Long> primes = new LinkedHashMap<>(sizes);
    int next = 0;
    for (String symbol : free) {
      primes.put(symbol, PRIMES[next++ % PRIMES.length]);
    }
    for (Kind kind : Kind.values()) {
      sets.add(make(signature, kind, primes, random.split()));
    }
    return sets;
  }

  private static void checkShape(Signature.Port port) {
    boolean known = port.type() instanceof ValueType.TensorType t && t.shape().isRanked();
    if (!known) {
      throw Diagnostic.error(
              ErrorCode.USAGE_SHAPE_NEEDED,
              "inputs cannot be made for '%s', of which only the type %s is known",
              port.name(),
              port.type())
          .help("give its shape with --input " + port.name() + "=f32[N,3,224,224], or --inputs")
          .toException();
    }
  }

  private static Map<String, Long> all(
      SequencedSet<String> free, Map<String, Long> sizes, long size) {
    Map<String, Long> result = new LinkedHashMap<>(sizes);
    free.forEach(symbol -> result.put(symbol, size));
    return result;
  }

  /** {@return one set of inputs with these sizes of the symbolic dims} */
  public static InputSet make(
      Signature signature, Kind kind, Map<String, Long> sizes, SplittableRandom random) {
    SequencedMap<String, Tensor> values = new LinkedHashMap<>();
    for (int i = 0; i < signature.inputs().size(); i++) {
      Signature.Port port = signature.inputs().get(i);
      ValueType.TensorType type = port.type().asTensor();
      Value value = signature.graph().inputs().get(i);
      long range = IntegerRanges.bound(signature.graph(), value).orElse(DEFAULT_RANGE);
      values.put(
          port.name(),
          tensor(type.dtype(), dims(type.shape(), sizes), kind, range, random.split()));
    }
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return new InputSet(sizes.isEmpty() ? name : name + " " + sizes, values);
  }

  private static long[] dims(Shape shape, Map<String, Long> sizes) {
    return shape.dims().stream().mapToLong(dim -> positive(dim.evaluate(sizes), dim)).toArray();
  }

  private static long positive(Dim dim, Dim asked) {
    if (!dim.isKnown() || dim.known() < 0) {
      throw Diagnostic.error(
              ErrorCode.USAGE_SHAPE_NEEDED, "the size of dim '%s' is not known", asked)
          .help("give it with --dim NAME=SIZE")
          .toException();
    }
    return dim.known();
  }

  private static Tensor tensor(
      DType dtype, long[] dims, Kind kind, long range, SplittableRandom random) {
    int size = Math.toIntExact(Tensor.sizeOf(dims));
    if (dtype == DType.STRING) {
      List<String> words = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        words.add(WORDS.get(random.nextInt(WORDS.size())));
      }
      return Tensor.of(words, dims);
    }
    int components = dtype.kind() == DType.Kind.COMPLEX ? 2 : 1;
    DType part = dtype == DType.C64 ? DType.F32 : dtype == DType.C128 ? DType.F64 : dtype;
    MemorySegment bytes = Tensor.allocate(dtype.byteSize(size));
    int impulses = Math.max(1, size / 16);
    for (int i = 0; i < size * components; i++) {
      if (part.isFloat()) {
        Elements.setDouble(bytes, part, i, real(kind, random, size, impulses));
      } else if (part == DType.BOOL) {
        Elements.setLong(bytes, part, i, random.nextInt(2));
      } else {
        Elements.setLong(bytes, part, i, random.nextLong(Math.max(1, range)));
      }
    }
    return Tensor.of(dtype, dims, bytes);
  }

  private static double real(Kind kind, SplittableRandom random, int size, int impulses) {
    double normal = random.nextGaussian();
    return switch (kind) {
      case NORMAL -> normal;
      case WIDE -> 8 * normal;
      case NEAR_ZERO -> normal / 1024;
      case IMPULSES -> random.nextInt(Math.max(1, size)) < impulses ? Math.signum(normal) : 0;
      case EDGES -> EDGE_VALUES[random.nextInt(EDGE_VALUES.length)];
    };
  }
}
