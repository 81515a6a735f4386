package dev.isomorph.exporters.onnx;

import dev.isomorph.ir.GraphBuilder;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.Op;
import dev.isomorph.ir.StandardOp;
import dev.isomorph.ir.Value;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.op.CastLikeOp;
import dev.isomorph.ir.op.CeluOp;
import dev.isomorph.ir.op.GeluOp;
import dev.isomorph.ir.op.GreaterOrEqualOp;
import dev.isomorph.ir.op.GroupNormalizationOp;
import dev.isomorph.ir.op.HardSwishOp;
import dev.isomorph.ir.op.LayerNormalizationOp;
import dev.isomorph.ir.op.LessOrEqualOp;
import dev.isomorph.ir.op.LogSoftmaxOp;
import dev.isomorph.ir.op.MishOp;
import dev.isomorph.ir.op.RMSNormalizationOp;
import dev.isomorph.ir.op.ShapeOp;
import dev.isomorph.ir.op.SoftmaxOp;
import dev.isomorph.ir.op.SwishOp;
import dev.isomorph.ir.op.ThresholdedReluOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Operators that an opset does not have yet, in terms of those that it has. Each body is the
 * function body of the operator's page, or the definition that stands there.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">the operators' pages</a>
 */
final class Decompositions {
  /** Builds the body of one node. */
  @FunctionalInterface
  private interface Body<O extends Op> {
    List<Value> build(O op, List<Value> inputs, GraphBuilder b);
  }

  private record Entry(int before, Body<Op> body) {}

  private static final Map<Class<? extends StandardOp>, Entry> ALL = new HashMap<>();

  static {
    add(GeluOp.class, 20, Decompositions::gelu);
    add(MishOp.class, 18, (_, in, b) -> one(b.mul(in.get(0), b.tanh(b.softplus(in.get(0))))));
    add(
        SwishOp.class,
        24,
        (op, in, b) ->
            one(
                b.mul(
                    in.get(0),
                    b.sigmoid(
                        op.alpha() == 1
                            ? in.get(0)
                            : b.mul(in.get(0), like(in.get(0), op.alpha(), b))))));
    add(
        HardSwishOp.class,
        14,
        (_, in, b) ->
            one(b.mul(in.get(0), b.hardSigmoid(in.get(0), a -> a.alpha(1.0 / 6).beta(0.5)))));
    add(CeluOp.class, 12, Decompositions::celu);
    add(ThresholdedReluOp.class, 10, Decompositions::thresholded);
    add(LayerNormalizationOp.class, 17, Decompositions::layerNormalization);
    add(RMSNormalizationOp.class, 23, Decompositions::rmsNormalization);
    add(GroupNormalizationOp.class, 21, Decompositions::groupNormalization);
    add(
        GreaterOrEqualOp.class,
        12,
        (_, in, b) -> one(b.or_(b.greater(in.get(0), in.get(1)), b.equal(in.get(0), in.get(1)))));
    add(
        LessOrEqualOp.class,
        12,
        (_, in, b) -> one(b.or_(b.less(in.get(0), in.get(1)), b.equal(in.get(0), in.get(1)))));
    add(CastLikeOp.class, 15, (op, in, b) -> one(castLike(op, in, b)));
    add(ShapeOp.class, 15, Decompositions::shape);
    add(SoftmaxOp.class, 13, (op, in, b) -> lastAxis(op.axis(), in.get(0), b, true));
    add(LogSoftmaxOp.class, 13, (op, in, b) -> lastAxis(op.axis(), in.get(0), b, false));
  }

  private Decompositions() {}

  @SuppressWarnings("unchecked")
  private static <O extends StandardOp> void add(Class<O> type, int before, Body<O> body) {
    ALL.put(type, new Entry(before, (op, inputs, b) -> body.build((O) op, inputs, b)));
  }

  /** {@return whether a node must be decomposed for an opset, and can be} */
  static boolean applies(Node node, int opset) {
    Entry entry = ALL.get(node.op().getClass());
    if (entry == null || opset >= entry.before) {
      return false;
    }
    boolean more = node.results().size() > 1;
    return switch (node.op()) {
      case ShapeOp shape -> shape.start() != 0 || shape.end().isPresent();
      case SoftmaxOp softmax -> movable(softmax.axis(), node);
      case LogSoftmaxOp softmax -> movable(softmax.axis(), node);
      case CastLikeOp _ -> node.input(1).type().isTensor();
      case LayerNormalizationOp _ -> !more && ranked(node);
      case RMSNormalizationOp _, GroupNormalizationOp _ -> ranked(node);
      default -> true;
    };
  }

  private static boolean ranked(Node node) {
    return node.input(0).type().shape().isRanked();
  }

  private static boolean movable(long axis, Node node) {
    return axis != -1 && ranked(node) && axis != node.input(0).type().shape().rank() - 1;
  }

  /** {@return the results of a node's body} */
  static List<Value> build(Op op, List<Value> inputs, GraphBuilder b) {
    return ALL.get(op.getClass()).body.build(op, inputs, b);
  }

  /** {@return the classes of operators that have a body} */
  static List<Class<? extends StandardOp>> operators() {
    return List.copyOf(ALL.keySet());
  }

  private static List<Value> one(Value value) {
    return List.of(value);
  }

  /** A scalar of an operand's element type. */
  private static Value like(Value operand, double value, GraphBuilder b) {
    DType dtype = operand.type() instanceof ValueType.TensorType t ? t.dtype() : DType.F32;
    return b.constant(Tensor.scalar(dtype, value));
  }

  private static List<Value> gelu(GeluOp op, List<Value> in, GraphBuilder b) {
    Value x = in.get(0);
    Value half = like(x, 0.5, b);
    Value unit = like(x, 1, b);
    Value gate;
    if (op.approximate().equals("tanh")) {
      Value cube = b.mul(b.mul(x, x), x);
      Value inner = b.add(x, b.mul(cube, like(x, 0.044715, b)));
      gate = b.tanh(b.mul(inner, like(x, Math.sqrt(2 / Math.PI), b)));
    } else {
      gate = b.erf(b.div(x, like(x, Math.sqrt(2), b)));
    }
    return one(b.mul(b.mul(x, half), b.add(gate, unit)));
  }

  private static List<Value> celu(CeluOp op, List<Value> in, GraphBuilder b) {
    Value alpha = like(in.get(0), op.alpha(), b);
    Value scaled = b.elu(b.div(in.get(0), alpha), a -> a.alpha(1));
    return one(b.mul(alpha, scaled));
  }

  private static List<Value> thresholded(ThresholdedReluOp op, List<Value> in, GraphBuilder b) {
    Value above = b.greater(in.get(0), like(in.get(0), op.alpha(), b));
    return one(b.where(above, in.get(0), like(in.get(0), 0, b)));
  }

  private static Value axes(long from, int rank, GraphBuilder b) {
    long first = from < 0 ? from + rank : from;
    return b.constant(LongStream.range(first, rank).toArray());
  }

  private static List<Value> layerNormalization(
      LayerNormalizationOp op, List<Value> in, GraphBuilder b) {
    Value x = wide(in.get(0), op.stashType(), b);
    Value axes = axes(op.axis(), x.type().shape().rank(), b);
    Value centred = b.sub(x, b.reduceMean(x, axes));
    Value variance = b.reduceMean(b.mul(centred, centred), axes);
    Value deviation = b.sqrt(b.add(variance, like(x, op.epsilon(), b)));
    Value normal = narrow(b.div(centred, deviation), in.get(0), b);
    Value scaled = b.mul(normal, in.get(1));
    boolean shifted = in.size() > 2 && !in.get(2).isAbsent();
    return one(shifted ? b.add(scaled, in.get(2)) : scaled);
  }

  private static List<Value> rmsNormalization(
      RMSNormalizationOp op, List<Value> in, GraphBuilder b) {
    Value x = wide(in.get(0), op.stashType(), b);
    Value axes = axes(op.axis(), x.type().shape().rank(), b);
    Value power = b.reduceMean(b.mul(x, x), axes);
    Value norm = b.sqrt(b.add(power, like(x, op.epsilon(), b)));
    return one(b.mul(narrow(b.div(x, norm), in.get(0), b), in.get(1)));
  }

  private static List<Value> groupNormalization(
      GroupNormalizationOp op, List<Value> in, GraphBuilder b) {
    int rank = in.get(0).type().shape().rank();
    Value x = wide(in.get(0), op.stashType(), b);
    Value groups = b.reshape(x, b.constant(0, op.numGroups(), -1));
    Value last = b.constant(2);
    Value centred = b.sub(groups, b.reduceMean(groups, last));
    Value variance = b.reduceMean(b.mul(centred, centred), last);
    Value deviation = b.sqrt(b.add(variance, like(x, op.epsilon(), b)));
    Value normal = narrow(b.reshape(b.div(centred, deviation), b.shape(in.get(0))), in.get(0), b);
    Value inner = b.constant(LongStream.range(1, rank - 1).toArray());
    Value scale = rank > 2 ? b.unsqueeze(in.get(1), inner) : in.get(1);
    Value bias = rank > 2 ? b.unsqueeze(in.get(2), inner) : in.get(2);
    return one(b.add(b.mul(normal, scale), bias));
  }

  private static Value wide(Value x, long stash, GraphBuilder b) {
    DType wanted = DType.byOnnxCode((int) stash).orElse(DType.F32);
    boolean same = x.type() instanceof ValueType.TensorType t && t.dtype() == wanted;
    return same ? x : b.cast(x, a -> a.to(wanted.onnxCode()));
  }

  private static Value narrow(Value value, Value like, GraphBuilder b) {
    if (!(like.type() instanceof ValueType.TensorType wanted)
        || value.type() instanceof ValueType.TensorType t && t.dtype() == wanted.dtype()) {
      return value;
    }
    return b.cast(value, a -> a.to(wanted.dtype().onnxCode()));
  }

  private static Value castLike(CastLikeOp op, List<Value> in, GraphBuilder b) {
    DType target = in.get(1).type().asTensor().dtype();
    return b.cast(
        in.get(0), a -> a.to(target.onnxCode()).saturate(op.saturate()).roundMode(op.roundMode()));
  }

  private static List<Value> shape(ShapeOp op, List<Value> in, GraphBuilder b) {
    Value end = b.constant(op.end().orElse(Integer.MAX_VALUE));
    return one(b.slice(b.shape(in.get(0)), b.constant(op.start()), end));
  }

  /** The older forms flatten all axes from one on: the axis is brought to the end and back. */
  private static List<Value> lastAxis(long axis, Value x, GraphBuilder b, boolean plain) {
    int rank = x.type().shape().rank();
    int from = (int) (axis < 0 ? axis + rank : axis);
    List<Long> swap =
        IntStream.range(0, rank)
            .mapToObj(i -> (long) (i == from ? rank - 1 : i == rank - 1 ? from : i))
            .toList();
    Value moved = b.transpose(x, a -> a.perm(swap));
    Value result = plain ? b.softmax(moved, a -> a.axis(-1)) : b.logSoftmax(moved, a -> a.axis(-1));
    return one(b.transpose(result, a -> a.perm(swap)));
  }
}
