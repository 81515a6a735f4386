package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.LaunchArguments;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.op.CastLikeOp;
import dev.isomorph.ir.op.CastOp;
import dev.isomorph.ir.op.ConstantOfShapeOp;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.scalar.CudaSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Conversion between element types, and tensors of one value. */
public final class ConversionKernels {
  /** A float beyond 2^63 becomes a u64 by a rule of its own, which is the CPU's. */
  private static final Set<DType> TYPES =
      EnumSet.of(
          DType.F32,
          DType.F64,
          DType.I64,
          DType.I32,
          DType.I16,
          DType.I8,
          DType.U32,
          DType.U16,
          DType.U8,
          DType.BOOL);

  private ConversionKernels() {}

  static void register(CudaKernelRegistry r) {
    r.add(CastOp.class, (op, c) -> cast(c, DType.byOnnxCode(Math.toIntExact(op.to()))));
    r.add(CastLikeOp.class, (_, c) -> cast(c, Optional.of(c.type(1))));
    r.add(ConstantOfShapeOp.class, ConversionKernels::constantOfShape);
  }

  private static Decision cast(KernelCall c, Optional<DType> target) {
    DType from = c.type(0);
    DType to = target.map(c::runType).orElse(null);
    if (from == to) {
      return Decision.view(() -> c.tensor(0).view(c.dims(0)));
    }
    if (to == null || !TYPES.contains(from) || !TYPES.contains(to)) {
      return Decision.refuse("no CUDA kernel from %s to %s", from, to);
    }
    return Decision.compute(() -> cast(c, c.tensor(0), to));
  }

  /** {@return the elements of a tensor of one of the float types f32 and f64 in the other} */
  public static DeviceTensor convert(Node node, Workspace workspace, DeviceTensor x, DType to) {
    return cast(new KernelCall(node, workspace), x, to);
  }

  private static DeviceTensor cast(KernelCall c, DeviceTensor x, DType to) {
    DeviceTensor out = c.allocate(to, x.dims());
    List<String> macros =
        List.of("FROM=" + CudaSource.memoryType(x.dtype()), "TO=" + CudaSource.memoryType(to));
    c.launchFlat(
        Sources.of(macros, "cast"),
        "cast",
        out.size(),
        new LaunchArguments().int64(out.size()).pointer(x.buffer()).pointer(out.buffer()));
    return out;
  }

  private static Decision constantOfShape(ConstantOfShapeOp op, KernelCall c) {
    Tensor value = op.value().orElse(Tensor.of(new float[] {0}, 1));
    DType type = c.runType(value.dtype());
    if (Cells.type(type).isEmpty() || value.dtype() != type && value.dtype() != DType.F32) {
      return Decision.refuse("no CUDA kernel for elements of type %s", value.dtype());
    }
    Tensor one = value.dtype() == type ? value : Tensor.of(type, value.toDoubles(), 1);
    long[] dims = c.longs(0);
    return Decision.compute(
        () -> {
          DeviceTensor out = c.allocate(type, dims);
          c.launchFlat(
              Cells.source(type),
              "fill",
              out.size(),
              new LaunchArguments()
                  .int64(out.size())
                  .pointer(c.cell(one.segment()))
                  .pointer(out.buffer()));
          return out;
        });
  }
}
