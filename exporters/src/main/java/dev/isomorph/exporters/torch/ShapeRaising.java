package dev.isomorph.exporters.torch;

import dev.isomorph.ir.Contents;
import dev.isomorph.ir.op.*;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operators that change shapes, and those that move elements without computing. */
final class ShapeRaising {
  private ShapeRaising() {}

  static void register(RaisingRules rules) {
    rules.on(ReshapeOp.class, ShapeRaising::reshape);
    rules.on(TransposeOp.class, ShapeRaising::transpose);
    rules.on(FlattenOp.class, ShapeRaising::flatten);
    rules.on(SqueezeOp.class, ShapeRaising::squeeze);
    rules.on(UnsqueezeOp.class, ShapeRaising::unsqueeze);
    rules.on(ShapeOp.class, ShapeRaising::shape);
    rules.on(SizeOp.class, (_, r) -> "torch.tensor(%s.numel())".formatted(r.in(0)));
    rules.on(
        ConcatOp.class,
        (op, r) -> "torch.cat(%s, dim=%d)".formatted(Raise.tuple(tensors(r)), op.axis()));
    rules.on(SplitOp.class, ShapeRaising::split);
    rules.on(ExpandOp.class, ShapeRaising::expand);
    rules.on(TileOp.class, (_, r) -> "%s.repeat(%s)".formatted(r.in(0), list(1, r)));
    rules.on(PadOp.class, ShapeRaising::pad);
    rules.on(DepthToSpaceOp.class, ShapeRaising::depthToSpace);
    rules.on(SpaceToDepthOp.class, ShapeRaising::spaceToDepth);
    rules.on(ResizeOp.class, ShapeRaising::resize);
    rules.on(ConstantOfShapeOp.class, ShapeRaising::constantOfShape);
    rules.on(
        RangeOp.class,
        (_, r) ->
            "torch.arange(%s, %s, %s, dtype=%s)"
                .formatted(scalar(0, r), scalar(1, r), scalar(2, r), r.torch(r.dtype(0))));
    rules.on(TriluOp.class, ShapeRaising::trilu);
    rules.on(EyeLikeOp.class, ShapeRaising::eyeLike);
  }

  private static List<String> tensors(Raise r) {
    return IntStream.range(0, r.node().inputs().size())
        .mapToObj(i -> ElementwiseRaising.tensor(r, i))
        .toList();
  }

  /** {@return an integer vector as comma-separated expressions, or unpacked from a tensor} */
  private static String list(int input, Raise r) {
    return r.integers(input)
        .map(items -> String.join(", ", items))
        .orElseGet(() -> "*%s.tolist()".formatted(r.in(input)));
  }

  private static String scalar(int input, Raise r) {
    return r.integers(input)
        .map(List::getFirst)
        .orElseGet(
            () ->
                r.parameter(input).isPresent() ? r.in(input) : "%s.item()".formatted(r.in(input)));
  }

  private static String reshape(ReshapeOp op, Raise r) {
    Optional<Contents> target = r.node().input(1).contents();
    if (target.isEmpty()) {
      if (op.allowzero() == 0) {
        throw r.refuse("its shape is computed from data, where 0 would copy a dim");
      }
      return "%s.reshape(%s)".formatted(r.in(0), list(1, r));
    }
    List<String> dims = new ArrayList<>();
    boolean inferred = false;
    for (int i = 0; i < target.get().dims().size(); i++) {
      Dim dim = target.get().dims().get(i);
      String text;
      if (dim.is(0) && op.allowzero() == 0) {
        text = "%s.shape[%d]".formatted(r.in(0), i);
      } else {
        text = r.text(dim).orElse("-1");
      }
      if (text.equals("-1") && inferred) {
        throw r.refuse("two dims of its shape are not known");
      }
      inferred |= text.equals("-1");
      dims.add(text);
    }
    return "%s.reshape(%s)"
        .formatted(
            ElementwiseRaising.tensor(r, 0), dims.isEmpty() ? "()" : String.join(", ", dims));
  }

  private static String transpose(TransposeOp op, Raise r) {
    List<Long> perm =
        op.perm()
            .orElseGet(
                () -> {
                  List<Long> axes = new ArrayList<>();
                  for (long i = r.rank(0) - 1; i >= 0; i--) {
                    axes.add(i);
                  }
                  return axes;
                });
    return "%s.permute(%s)".formatted(r.in(0), Raise.tuple(perm));
  }

  private static String flatten(FlattenOp op, Raise r) {
    int rank = r.rank(0);
    int axis = (int) (op.axis() < 0 ? op.axis() + rank : op.axis());
    if (axis == 1 && rank >= 2) {
      return "torch.flatten(%s, start_dim=1)".formatted(r.in(0));
    }
    if (axis == 0) {
      return "%s.reshape(1, -1)".formatted(r.in(0));
    }
    if (axis == rank) {
      return "%s.reshape(-1, 1)".formatted(r.in(0));
    }
    return "torch.flatten(torch.flatten(%s, start_dim=%d), end_dim=%d)"
        .formatted(r.in(0), axis, axis - 1);
  }

  private static String squeeze(SqueezeOp op, Raise r) {
    if (!r.has(1)) {
      return "torch.squeeze(%s)".formatted(r.in(0));
    }
    long[] axes = r.needIntegers(1, "the list of axes");
    return axes.length == 1
        ? "torch.squeeze(%s, dim=%d)".formatted(r.in(0), axes[0])
        : "torch.squeeze(%s, dim=%s)".formatted(r.in(0), Raise.tuple(boxed(axes)));
  }

  private static String unsqueeze(UnsqueezeOp op, Raise r) {
    int rank = r.rank(0);
    long[] axes = r.needIntegers(1, "the list of axes");
    int result = rank + axes.length;
    String text = ElementwiseRaising.tensor(r, 0);
    for (long axis :
        java.util.Arrays.stream(axes).map(a -> a < 0 ? a + result : a).sorted().toArray()) {
      text = "torch.unsqueeze(%s, dim=%d)".formatted(text, axis);
    }
    return text;
  }

  private static List<Long> boxed(long[] values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  private static String shape(ShapeOp op, Raise r) {
    int rank = r.rank(0);
    long start = Math.clamp(op.start() < 0 ? op.start() + rank : op.start(), 0, rank);
    long end =
        op.end().isPresent()
            ? Math.clamp(
                op.end().getAsLong() < 0 ? op.end().getAsLong() + rank : op.end().getAsLong(),
                0,
                rank)
            : rank;
    return "torch.tensor(%s.shape[%d:%d])".formatted(r.in(0), start, end);
  }

  private static String split(SplitOp op, Raise r) {
    if (r.has(1)) {
      return "torch.split(%s, [%s], dim=%d)".formatted(r.in(0), list(1, r), op.axis());
    }
    int parts = r.node().results().size();
    Dim size = r.shape(0).dim((int) op.axis());
    String chunk =
        r.text(size.ceilDiv(Dim.of(parts)))
            .orElseThrow(() -> r.refuse("the size of the axis that it splits is not known"));
    return "torch.split(%s, %s, dim=%d)".formatted(r.in(0), chunk, op.axis());
  }

  private static String expand(ExpandOp op, Raise r) {
    // Broadcasting both ways: a dim of the shape may be 1 where the operand's is not.
    return "%s.expand(torch.broadcast_shapes(%s.shape, (%s,)))"
        .formatted(ElementwiseRaising.tensor(r, 0), ElementwiseRaising.tensor(r, 0), list(1, r));
  }

  private static String pad(PadOp op, Raise r) {
    if (r.has(3)) {
      throw r.refuse("it names its axes");
    }
    int rank = r.rank(0);
    if (r.integers(1).isEmpty()) {
      return padByData(op, r);
    }
    List<String> pads = r.integers(1).orElseThrow();
    List<String> order = new ArrayList<>();
    int outermost = 0;
    while (outermost < rank - 1
        && pads.get(outermost).equals("0")
        && pads.get(outermost + rank).equals("0")) {
      outermost++;
    }
    for (int axis = rank - 1; axis >= outermost; axis--) {
      order.add(pads.get(axis));
      order.add(pads.get(axis + rank));
    }
    if (op.mode().equals("constant")) {
      String value = r.has(2) ? scalarValue(2, r) : r.dtype(0).isFloat() ? "0.0" : "0";
      return "F.pad(%s, %s, value=%s)".formatted(r.in(0), Raise.tuple(order), value);
    }
    String mode =
        switch (op.mode()) {
          case "reflect" -> "reflect";
          case "edge" -> "replicate";
          default -> "circular";
        };
    int padded = rank - outermost;
    if (padded > 3 || rank > 5 || padded + 2 > rank && rank < 3) {
      throw r.refuse("it pads %d axes of rank %d in mode %s", padded, rank, op.mode());
    }
    // These modes want all spatial axes of an image.
    while (order.size() < 2 * (rank - 2)) {
      order.add("0");
    }
    return "F.pad(%s, %s, mode=\"%s\")".formatted(r.in(0), Raise.tuple(order), mode);
  }

  private static String padByData(PadOp op, Raise r) {
    if (!op.mode().equals("constant")) {
      throw r.refuse("its pads are computed from data");
    }
    String value = r.has(2) ? scalarValue(2, r) : r.dtype(0).isFloat() ? "0.0" : "0";
    return "F.pad(%s, onnx_pads(%s.tolist()), value=%s)".formatted(r.in(0), r.in(1), value);
  }

  private static String scalarValue(int input, Raise r) {
    Tensor value = r.constant(input).orElseThrow(() -> r.refuse("its value is computed from data"));
    return value.dtype().isFloat()
        ? Raise.number(value.toDoubles()[0])
        : Long.toString(value.toLongs()[0]);
  }

  private static String depthToSpace(DepthToSpaceOp op, Raise r) {
    if (op.mode().equals("CRD")) {
      return "F.pixel_shuffle(%s, %d)".formatted(r.in(0), op.blocksize());
    }
    String x = r.in(0);
    long b = op.blocksize();
    return "%s.reshape(%s.shape[0], %d, %d, -1, %s.shape[2], %s.shape[3]).permute(0, 3, 4, 1, 5, 2).reshape(%s.shape[0], -1, %s.shape[2] * %d, %s.shape[3] * %d)"
        .formatted(x, x, b, b, x, x, x, x, b, x, b);
  }

  private static String spaceToDepth(SpaceToDepthOp op, Raise r) {
    String x = r.in(0);
    long b = op.blocksize();
    return "%s.reshape(%s.shape[0], %s.shape[1], %s.shape[2] // %d, %d, %s.shape[3] // %d, %d).permute(0, 3, 5, 1, 2, 4).reshape(%s.shape[0], -1, %s.shape[2] // %d, %s.shape[3] // %d)"
        .formatted(x, x, x, x, b, b, x, b, b, x, x, b, x, b);
  }

  private static String resize(ResizeOp op, Raise r) {
    int rank = r.rank(0);
    boolean image =
        rank >= 3
            && rank <= 5
            && op.antialias() == 0
            && op.axes().isEmpty()
            && op.excludeOutside() == 0
            && op.keepAspectRatioPolicy().equals("stretch");
    if (!image) {
      throw r.refuse("it is no plain resize of an image");
    }
    String mode = resizeMode(op, r, rank);
    List<String> sizes = new ArrayList<>();
    for (int i = 2; i < rank; i++) {
      Dim size = r.node().result(0).type().shape().dim(i);
      sizes.add(r.text(size).orElseThrow(() -> r.refuse("its size is computed from data")));
    }
    boolean keepsScale = !r.has(3) && r.has(2);
    if (keepsScale && !wholeScales(r)) {
      throw r.refuse("its scales do not divide the sizes");
    }
    return "F.interpolate(%s, size=%s, %s)".formatted(r.in(0), Raise.tuple(sizes), mode);
  }

  /** A scale that gives whole sizes is the quotient of sizes that PyTorch computes itself. */
  private static boolean wholeScales(Raise r) {
    Optional<Tensor> scales = r.constant(2);
    if (scales.isEmpty()) {
      return false;
    }
    for (double scale : scales.get().toDoubles()) {
      if (scale != Math.rint(scale)) {
        return false;
      }
    }
    return true;
  }

  private static String resizeMode(ResizeOp op, Raise r, int rank) {
    String coordinates = op.coordinateTransformationMode();
    String linear = rank == 3 ? "linear" : rank == 4 ? "bilinear" : "trilinear";
    if (op.mode().equals("nearest")) {
      boolean torch = coordinates.equals("asymmetric") && op.nearestMode().equals("floor");
      if (torch) {
        return "mode=\"nearest\"";
      }
      if (coordinates.equals("half_pixel") && op.nearestMode().equals("round_prefer_floor")) {
        return nearestOfWholeScales(r);
      }
      throw r.refuse("PyTorch has no nearest mode %s with %s", op.nearestMode(), coordinates);
    }
    if (op.mode().equals("cubic") && (rank != 4 || op.cubicCoeffA() != -0.75)) {
      throw r.refuse("its cubic coefficient is %s", op.cubicCoeffA());
    }
    String name = op.mode().equals("cubic") ? "bicubic" : linear;
    return switch (coordinates) {
      case "align_corners" -> "mode=\"%s\", align_corners=True".formatted(name);
      case "half_pixel", "pytorch_half_pixel" -> {
        boolean single =
            coordinates.equals("half_pixel") != coordinates.equals("pytorch_half_pixel")
                && r.node().result(0).type().shape().dims().stream().skip(2).anyMatch(d -> d.is(1));
        if (single) {
          throw r.refuse("an axis of length 1 is sampled otherwise in mode %s", coordinates);
        }
        yield "mode=\"%s\", align_corners=False".formatted(name);
      }
      default -> throw r.refuse("PyTorch has no coordinates %s", coordinates);
    };
  }

  /** Enlarging by whole numbers repeats elements, whatever the coordinates. */
  private static String nearestOfWholeScales(Raise r) {
    for (int i = 2; i < r.rank(0); i++) {
      Dim from = r.shape(0).dim(i);
      Dim to = r.node().result(0).type().shape().dim(i);
      boolean whole =
          from.isKnown() && to.isKnown() && from.known() > 0 && to.known() % from.known() == 0
              || wholeScales(r);
      if (!whole) {
        throw r.refuse("PyTorch rounds coordinates otherwise");
      }
    }
    return "mode=\"nearest-exact\"";
  }

  private static String constantOfShape(ConstantOfShapeOp op, Raise r) {
    Tensor value = op.value().orElseGet(() -> Tensor.of(new float[] {0}, 1));
    DType dtype = value.dtype();
    String number =
        dtype.isFloat()
            ? Raise.number(value.toDoubles()[0])
            : dtype == DType.BOOL
                ? value.toLongs()[0] != 0 ? "True" : "False"
                : Long.toString(value.toLongs()[0]);
    String dims = list(0, r);
    return "torch.full((%s%s), %s, dtype=%s)"
        .formatted(dims, dims.isEmpty() ? "" : ",", number, r.torch(dtype));
  }

  private static String trilu(TriluOp op, Raise r) {
    long k = r.has(1) ? r.needIntegers(1, "the diagonal")[0] : 0;
    return "torch.%s(%s, diagonal=%d)".formatted(op.upper() != 0 ? "triu" : "tril", r.in(0), k);
  }

  private static String eyeLike(EyeLikeOp op, Raise r) {
    if (op.k() != 0) {
      throw r.refuse("its ones are not on the main diagonal");
    }
    DType dtype =
        op.dtype().isPresent()
            ? DType.byOnnxCode((int) op.dtype().getAsLong()).orElseThrow()
            : r.dtype(0);
    return "torch.eye(%s.shape[0], %s.shape[1], dtype=%s)"
        .formatted(r.in(0), r.in(0), r.torch(dtype));
  }
}
