package dev.isomorph.runtime.cpu;

import dev.isomorph.ir.op.ConvIntegerOp;
import dev.isomorph.ir.op.DequantizeLinearOp;
import dev.isomorph.ir.op.DynamicQuantizeLinearOp;
import dev.isomorph.ir.op.MatMulIntegerOp;
import dev.isomorph.ir.op.QLinearConvOp;
import dev.isomorph.ir.op.QLinearMatMulOp;
import dev.isomorph.ir.op.QuantizeLinearOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Elements;
import dev.isomorph.ir.tensor.NarrowFloats;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.cpu.KernelRegistry.Rounding;
import dev.isomorph.runtime.math.Reals;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Quantised operators. Integer sums are exact: they are computed by the f64 product, which holds
 * every sum of fewer than 2³⁷ products of bytes.
 */
final class QuantizationKernels {
  private QuantizationKernels() {}

  static void register(KernelRegistry r) {
    r.exact(QuantizeLinearOp.class, QuantizationKernels::quantize);
    r.rounds(DequantizeLinearOp.class, QuantizationKernels::dequantize);
    r.add(DynamicQuantizeLinearOp.class, Rounding.ROUNDS, (_, c) -> dynamic(c));
    r.exact(
        MatMulIntegerOp.class,
        (_, c) -> {
          Tensor a = centred(c.stored(0), c.has(2) ? c.stored(2) : null, Side.ROWS, c);
          Tensor b = centred(c.stored(1), c.has(3) ? c.stored(3) : null, Side.COLUMNS, c);
          return CastKernels.cast(LinearKernels.matMul(a, b, c), DType.I32, true);
        });
    r.exact(QLinearMatMulOp.class, (_, c) -> matMul(c));
    r.exact(
        ConvIntegerOp.class,
        (op, c) -> {
          Tensor x = centred(c.stored(0), c.has(2) ? c.stored(2) : null, Side.WHOLE, c);
          Tensor w = centred(c.stored(1), c.has(3) ? c.stored(3) : null, Side.CHANNELS, c);
          Tensor y =
              ConvolutionKernels.convolve(
                  c,
                  x,
                  w,
                  op.group(),
                  op.autoPad(),
                  op.kernelShape(),
                  op.strides(),
                  op.dilations(),
                  op.pads(),
                  null);
          return CastKernels.cast(y, DType.I32, true);
        });
    r.exact(QLinearConvOp.class, QuantizationKernels::conv);
  }

  /** Which axis a vector of zero points belongs to. */
  private enum Side {
    WHOLE,
    ROWS,
    COLUMNS,
    CHANNELS
  }

  /** {@return the integers minus their zero points, as f64} */
  private static Tensor centred(Tensor x, Tensor zero, Side side, KernelContext c) {
    Reals out = Reals.allocate(x.size(), false);
    MemorySegment in = x.segment();
    double[] zeros = zero == null ? new double[] {0} : zero.toDoubles();
    long last = x.rank() == 0 ? 1 : x.dim(x.rank() - 1);
    long rows = x.rank() < 2 ? 1 : x.dim(x.rank() - 2);
    long perChannel = x.rank() == 0 || x.dim(0) == 0 ? 1 : x.size() / x.dim(0);
    for (long i = 0; i < x.size(); i++) {
      long at =
          zeros.length == 1
              ? 0
              : switch (side) {
                case ROWS -> zero.rank() == 1 ? i / last % rows : i / last;
                case COLUMNS -> zero.rank() == 1 ? i % last : i / (last * rows) * last + i % last;
                case CHANNELS -> i / perChannel;
                case WHOLE -> throw c.error("the zero point must be one number");
              };
      out.set(i, Elements.getDouble(in, x.dtype(), i) - zeros[(int) at]);
    }
    return Tensor.of(DType.F64, x.dims(), out.bytes());
  }

  /** Where each element's scale and zero point stand. */
  private record Places(long length, long inner, long blocks, long block, boolean whole) {
    static Places of(KernelContext c, Tensor x, Tensor scale, long axisAttribute, long block) {
      if (scale.size() == 1 && scale.rank() <= 1) {
        return new Places(1, 1, 1, 1, true);
      }
      int axis = c.axis(axisAttribute, x.rank());
      long inner = Index.product(x.dims(), axis + 1, x.rank());
      if (scale.rank() == 1 && block == 0) {
        if (scale.dim(0) != x.dim(axis)) {
          throw c.error(
              "scale %s does not fit axis %d of %s", scale.typeText(), axis, x.typeText());
        }
        return new Places(x.dim(axis), inner, x.dim(axis), 1, false);
      }
      long[] expected = x.dims();
      long size = block == 0 ? Math.ceilDiv(x.dim(axis), Math.max(1, scale.dim(axis))) : block;
      expected[axis] = Math.ceilDiv(x.dim(axis), size);
      if (!java.util.Arrays.equals(expected, scale.dims())) {
        throw c.error(
            "scale %s does not fit %s in blocks of %d", scale.typeText(), x.typeText(), size);
      }
      return new Places(x.dim(axis), inner, expected[axis], size, false);
    }

    long at(long i, boolean perAxis) {
      if (whole) {
        return 0;
      }
      long along = i / inner % length / block;
      return perAxis ? along : (i / inner / length * blocks + along) * inner + i % inner;
    }
  }

  private static Tensor quantize(QuantizeLinearOp op, KernelContext c) {
    Tensor x = c.input(0);
    Tensor scale = c.input(1);
    DType to =
        c.has(2)
            ? c.declaredType(2)
            : op.outputDtype() != 0 ? CastKernels.target(op.outputDtype(), c) : DType.U8;
    Places places = Places.of(c, x, scale, op.axis(), op.blockSize());
    boolean perAxis = scale.rank() == 1;
    Reals scales = KernelContext.reals(scale);
    double[] zeros = c.has(2) ? c.stored(2).toDoubles() : null;
    DType division =
        c.runType(op.precision() != 0 ? CastKernels.target(op.precision(), c) : scale.dtype());
    MemorySegment in = x.segment();
    MemorySegment out = Tensor.allocate(to.byteSize(x.size()));
    for (long i = 0; i < x.size(); i++) {
      int at = (int) places.at(i, perAxis);
      double quotient = rounded(division, Elements.getDouble(in, x.dtype(), i) / scales.get(at));
      double zero = zeros == null ? 0 : zeros[at];
      put(out, to, i, quotient, zero, op.saturate() != 0);
    }
    Tensor result = Tensor.of(to, x.dims(), out);
    return KernelContext.inRunType(result, c.options().precision());
  }

  private static double rounded(DType type, double value) {
    return switch (type) {
      case F32 -> (float) value;
      case F16 -> NarrowFloats.decode(type, NarrowFloats.doubleToF16(value) & 0xFFFF);
      case BF16 -> NarrowFloats.bf16ToFloat(NarrowFloats.doubleToBf16(value));
      default -> value;
    };
  }

  private static void put(
      MemorySegment out, DType to, long i, double quotient, double zero, boolean saturate) {
    if (to.isFloat()) {
      double value = quotient + zero;
      if (to.isPacked()) {
        Elements.setDouble(out, to, i, value);
      } else {
        out.set(ValueLayout.JAVA_BYTE, i, (byte) NarrowFloats.encode(to, value, saturate));
      }
      return;
    }
    Elements.setLong(out, to, i, clamp(Math.rint(quotient) + zero, to));
  }

  /** {@return the integer of this type that is nearest; NaN is 0} */
  private static long clamp(double value, DType to) {
    boolean signed = to.kind() == DType.Kind.SIGNED;
    double low = signed ? -Math.scalb(1.0, to.bits() - 1) : 0;
    double high = Math.scalb(1.0, signed ? to.bits() - 1 : to.bits()) - 1;
    return (long) Math.clamp(value, low, high);
  }

  private static Tensor dequantize(DequantizeLinearOp op, KernelContext c) {
    Tensor x = c.stored(0);
    Tensor scale = c.input(1);
    DType to =
        c.runType(
            op.outputDtype() != 0 ? CastKernels.target(op.outputDtype(), c) : c.declaredType(1));
    Places places = Places.of(c, x, scale, op.axis(), op.blockSize());
    boolean perAxis = scale.rank() == 1;
    Reals scales = KernelContext.reals(scale);
    double[] zeros = c.has(2) ? c.stored(2).toDoubles() : null;
    MemorySegment in = x.segment();
    Reals out = c.newReals(x.size(), to);
    for (long i = 0; i < x.size(); i++) {
      int at = (int) places.at(i, perAxis);
      double zero = zeros == null ? 0 : zeros[at];
      out.set(i, (Elements.getDouble(in, x.dtype(), i) - zero) * scales.get(at));
    }
    return c.result(out, to, x.dims());
  }

  private static List<Datum> dynamic(KernelContext c) {
    Tensor x = c.input(0);
    Reals in = c.reals(0);
    double low = 0;
    double high = 0;
    for (long i = 0; i < x.size(); i++) {
      low = Math.min(low, in.get(i));
      high = Math.max(high, in.get(i));
    }
    double scale = in.round((high - low) / 255);
    double zero = Math.rint(Math.clamp(in.round(0 - low / scale), 0.0, 255.0));
    if (scale == 0) {
      zero = 0;
    }
    MemorySegment out = Tensor.allocate(x.size());
    for (long i = 0; i < x.size(); i++) {
      double quotient = scale == 0 ? 0 : in.round(in.get(i) / scale);
      Elements.setLong(out, DType.U8, i, clamp(Math.rint(quotient) + zero, DType.U8));
    }
    return List.of(
        Tensor.of(DType.U8, x.dims(), out),
        Tensor.of(x.dtype(), new double[] {scale}),
        Tensor.scalar(DType.U8, (long) zero));
  }

  private static Tensor matMul(KernelContext c) {
    Tensor a = centred(c.stored(0), c.stored(2), Side.ROWS, c);
    Tensor b = centred(c.stored(3), c.stored(5), Side.COLUMNS, c);
    Tensor product = LinearKernels.matMul(a, b, c);
    Tensor aScale = c.stored(1);
    Tensor bScale = c.stored(4);
    Tensor yScale = c.stored(6);
    if (aScale.size() != 1 || yScale.size() != 1) {
      throw c.unsupported("QLinearMatMul with scales per row");
    }
    double[] bScales = bScale.toDoubles();
    double y = yScale.toDoubles()[0];
    double left = aScale.toDoubles()[0];
    DType to = c.stored(7).dtype();
    double zero = c.stored(7).toDoubles()[0];
    long last = product.rank() == 0 ? 1 : product.dim(product.rank() - 1);
    Reals in = Reals.of(product);
    MemorySegment out = Tensor.allocate(to.byteSize(product.size()));
    for (long i = 0; i < product.size(); i++) {
      double factor = left * bScales[bScales.length == 1 ? 0 : (int) (i % last)] / y;
      put(out, to, i, in.get(i) * factor, zero, true);
    }
    return Tensor.of(to, product.dims(), out);
  }

  private static Tensor conv(QLinearConvOp op, KernelContext c) {
    Tensor x = centred(c.stored(0), c.stored(2), Side.WHOLE, c);
    Tensor w = centred(c.stored(3), c.stored(5), Side.CHANNELS, c);
    Reals bias = null;
    if (c.has(8)) {
      bias = KernelContext.reals(c.stored(8).dense());
    }
    Optional<List<Long>> kernel = op.kernelShape();
    Tensor sum =
        ConvolutionKernels.convolve(
            c,
            x,
            w,
            op.group(),
            op.autoPad(),
            kernel,
            op.strides(),
            op.dilations(),
            op.pads(),
            bias);
    double[] weights = c.stored(4).toDoubles();
    double factor = c.scalarDouble(1) / c.scalarDouble(6);
    DType to = c.stored(7).dtype();
    double zero = c.scalarDouble(7);
    Reals in = Reals.of(sum);
    MemorySegment out = Tensor.allocate(to.byteSize(sum.size()));
    long plane = Index.product(sum.dims(), 2, sum.rank());
    for (long i = 0; i < sum.size(); i++) {
      int channel = (int) (i / plane % sum.dim(1));
      double scale = weights[weights.length == 1 ? 0 : channel] * factor;
      put(out, to, i, in.get(i) * scale, zero, true);
    }
    return Tensor.of(to, sum.dims(), out);
  }
}
