package dev.isomorph.verifier;

import dev.isomorph.ir.Attribute;
import dev.isomorph.ir.AttributeMap;
import dev.isomorph.ir.Graph;
import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Model;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.RunOptions;
import dev.isomorph.verifier.inputs.InputSet;
import dev.isomorph.verifier.measure.Leaves;
import dev.isomorph.verifier.measure.Ulps;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Constants that the target holds in lower precision than the source, and what that may change:
 * weights that were folded or cast, attributes that the target's format stores in 32 bits. Their
 * effect is measured, by moving each by half a unit in its last place, and nothing beyond it is
 * allowed.
 */
final class Rewritten {
  /** A folded weight has been through a few roundings, not one. */
  static final double FOLDED = 4;

  /**
   * The whole way from a 64-bit attribute to its 32 bits is measured, and all elements move
   * together: the test of bias, which lets them fill half of what single elements may, needs room.
   */
  static final double NARROWED = 4;

  /** How often constants are moved, each time otherwise. */
  static final int RUNS = 4;

  private final Subject target;
  private final Optional<Subject> narrowedSource;
  private final List<Value.Parameter> changed = new ArrayList<>();

  Rewritten(Subject source, Subject target) {
    this.target = target;
    this.narrowedSource = narrowAttributes(source);
    Set<Long> known = new HashSet<>();
    source.graph().parameters().forEach(p -> known.add(fingerprint(p.tensor())));
    for (Value.Parameter weight : target.weights()) {
      if (!known.contains(fingerprint(weight.tensor()))) {
        changed.add(weight);
      }
    }
  }

  /** {@return whether any constant of the target is not the source's own} */
  boolean changesAnything() {
    return !changed.isEmpty() || narrowedSource.isPresent();
  }

  /** {@return target weights whose bits the source does not hold, in any order of elements} */
  List<Value.Parameter> changedWeights() {
    return changed;
  }

  /**
   * {@return by output, and by tensor within it, how far each element may move because of these
   * constants}
   */
  Map<String, Map<String, double[]>> effects(
      InputSet sourceInputs,
      Map<String, Datum> truth,
      InputSet targetInputs,
      Map<String, Datum> targetTruth,
      Map<String, String> targetNames) {
    Map<String, Map<String, double[]>> effects = new HashMap<>();
    truth.keySet().forEach(name -> effects.put(name, new HashMap<>()));
    narrowedSource.ifPresent(
        narrowed -> {
          Map<String, Datum> moved = narrowed.run(sourceInputs, RunOptions.TRUTH);
          truth.forEach(
              (name, datum) -> {
                MeasuredEffect effect = new MeasuredEffect(name);
                effect.observe(datum, moved.get(name));
                effect.addTo(effects.get(name), NARROWED);
              });
        });
    if (!changed.isEmpty()) {
      Map<String, MeasuredEffect> measured = new HashMap<>();
      targetNames.keySet().forEach(name -> measured.put(name, new MeasuredEffect(name)));
      for (int run = 1; run <= RUNS; run++) {
        SplittableRandom random = new SplittableRandom(run);
        Map<Value.Parameter, Tensor> moved = new HashMap<>();
        changed.forEach(p -> moved.put(p, moveHalfUlp(p.tensor(), random)));
        Map<String, Datum> other = target.runWith(targetInputs, moved, RunOptions.TRUTH);
        targetNames.forEach(
            (name, inTarget) ->
                measured.get(name).observe(targetTruth.get(inTarget), other.get(inTarget)));
      }
      measured.forEach((name, effect) -> effect.addTo(effects.get(name), FOLDED));
    }
    return effects;
  }

  /** {@return the tensor in f64 with each element moved by half a unit in its last place} */
  static Tensor moveHalfUlp(Tensor tensor, SplittableRandom random) {
    DType dtype = tensor.dtype();
    MemorySegment in = tensor.segment();
    MemorySegment out = Tensor.allocate(DType.F64.byteSize(tensor.size()));
    for (long i = 0; i < tensor.size(); i++) {
      double value = Elements.getDouble(in, dtype, i);
      double half = Ulps.ulp(value, dtype) / 2;
      out.set(Tensor.LE_DOUBLE, i * 8, value + (random.nextBoolean() ? half : -half));
    }
    return Tensor.of(DType.F64, tensor.dims(), out);
  }

  /**
   * {@return a number that is the same for the same elements in any order}: a weight that was only
   * transposed is the same constant.
   */
  static long fingerprint(Tensor tensor) {
    if (tensor.dtype() == DType.STRING) {
      return tensor.strings().hashCode();
    }
    MemorySegment bytes = tensor.segment();
    long sum = tensor.size() * 31;
    for (long i = 0; i < tensor.size(); i++) {
      long bits =
          Leaves.isReal(tensor) && tensor.dtype().isFloat()
              ? Double.doubleToLongBits(Elements.getDouble(bytes, tensor.dtype(), i))
              : tensor.dtype().isInteger() || tensor.dtype() == DType.BOOL
                  ? Elements.getLong(bytes, tensor.dtype(), i)
                  : bytes.get(Tensor.LE_LONG, i * tensor.dtype().byteSize(1));
      long mixed = (bits + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
      sum += mixed ^ mixed >>> 31;
    }
    return sum;
  }

  /** The source with its real attributes as 32 bits hold them, if that changes any. */
  private static Optional<Subject> narrowAttributes(Subject source) {
    Graph graph = source.graph();
    boolean any = graph.nodes().stream().anyMatch(node -> narrowed(node.op()).isPresent());
    if (!any) {
      return Optional.empty();
    }
    GraphBuilder builder = new GraphBuilder(graph.name());
    Map<Value, Value> map = new IdentityHashMap<>();
    graph.inputs().forEach(input -> map.put(input, builder.input(input.name(), input.type())));
    for (Node node : graph.nodes()) {
      for (Graph region : node.op().regions()) {
        builder.adopt(
            region, node.captures(region).stream().map(v -> map.getOrDefault(v, v)).toList());
      }
      Node copy =
          builder.add(
              node.name(),
              narrowed(node.op()).orElse(node.op()),
              node.inputs().stream().map(v -> map.getOrDefault(v, v)).toList(),
              node.results().stream().map(Value::name).toList(),
              node.results().stream().map(Value::type).toList());
      for (int i = 0; i < node.results().size(); i++) {
        map.put(node.result(i), copy.result(i));
      }
    }
    Graph changed =
        builder.build(graph.outputs().stream().map(v -> map.getOrDefault(v, v)).toList());
    Model model = source.model();
    return Optional.of(new Subject(model, source.signature().withGraph(changed)));
  }

  /** {@return the operator with real attributes rounded to 32 bits, if that changes it} */
  static Optional<Op> narrowed(Op op) {
    boolean changes = false;
    AttributeMap attributes = op.newAttributes();
    for (Map.Entry<String, Attribute> entry : op.attributes().entrySet()) {
      Attribute value = entry.getValue();
      Attribute rounded =
          switch (value) {
            case Attribute.Float(double v) -> new Attribute.Float((float) v);
            case Attribute.Floats(List<Double> vs) ->
                new Attribute.Floats(vs.stream().map(v -> (double) v.floatValue()).toList());
            default -> value;
          };
      changes |= !rounded.equals(value);
      attributes.put(entry.getKey(), rounded);
    }
    return changes ? Optional.of(op.withAttributes(attributes)) : Optional.empty();
  }
}
