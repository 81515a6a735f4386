package dev.isomorph.gpu.kernel;

import dev.isomorph.gpu.driver.KernelSource;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.runtime.scalar.ScalarOperator;
import dev.isomorph.runtime.scalar.ScalarTable;
import java.util.ArrayList;
import java.util.List;

/** Every source that the device can ask for, for each type that it can ask it for. */
final class AllSources {
  private static final List<DType> REALS = List.of(DType.F32, DType.F64);
  private static final List<DType> CELLS = List.of(DType.U8, DType.U16, DType.U32, DType.U64);
  private static final List<DType> INTEGERS =
      List.of(DType.I8, DType.I16, DType.I32, DType.I64, DType.U8, DType.U16, DType.U32, DType.U64);

  private AllSources() {}

  static List<KernelSource> handWritten() {
    List<KernelSource> sources = new ArrayList<>();
    for (DType real : REALS) {
      for (String name : List.of("gemm", "convolution", "pooling", "normalization")) {
        sources.add(Sources.real(real, name));
      }
      sources.add(Sources.real(real, "block", "softmax"));
      for (int kind = 0; kind < 10; kind++) {
        sources.add(Sources.real(real, List.of("KIND=" + kind), "block", "reduction"));
      }
    }
    for (DType cell : CELLS) {
      sources.add(Cells.source(cell));
      sources.add(Cells.source(cell, "INDEX=int"));
    }
    for (String from : List.of("float", "double", "long long", "int", "signed char", "bool")) {
      for (String to : List.of("float", "double", "unsigned char", "short", "long long", "bool")) {
        sources.add(Sources.of(List.of("FROM=" + from, "TO=" + to), "cast"));
      }
    }
    return sources;
  }

  static List<KernelSource> generated() {
    List<KernelSource> sources = new ArrayList<>();
    for (ScalarOperator row : ScalarTable.standard().rows()) {
      for (DType type : types(row.kind())) {
        sources.add(ElementwiseKernels.source(row, type));
      }
    }
    return sources;
  }

  private static List<DType> types(ScalarOperator.Kind kind) {
    return switch (kind) {
      case FLOAT -> REALS;
      case INT -> INTEGERS;
      case BOOL -> List.of(DType.BOOL);
    };
  }
}
