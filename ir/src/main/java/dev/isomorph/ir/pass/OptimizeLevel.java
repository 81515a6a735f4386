package dev.isomorph.ir.pass;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.List;
import java.util.Locale;

/** How much a model is rewritten. */
public enum OptimizeLevel {
  /** As it was imported. */
  NONE,
  /** Rewrites after which the reference runtime computes the same bits. */
  SAFE,
  /** Also rewrites that may round differently. */
  FULL;

  /**
   * {@return the level of this name}
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@code USAGE} if there is none
   */
  public static OptimizeLevel parse(String name) {
    for (OptimizeLevel level : values()) {
      if (level.toString().equals(name)) {
        return level;
      }
    }
    throw Diagnostic.error(ErrorCode.USAGE, "'%s' is no level of optimization", name)
        .expected("none, safe or full", name)
        .toException();
  }

  /** {@return the passes in order; they are repeated until nothing changes} */
  List<Pass> passes() {
    List<Pass> safe =
        List.of(
            new DeadBranches(),
            new FoldConstants(),
            new SimplifyShapes(),
            new EliminateIdentities(),
            new CancelTransposes(),
            new CommonSubexpressions(),
            new DeadCode());
    return switch (this) {
      case NONE -> List.of();
      case SAFE -> safe;
      case FULL -> {
        List<Pass> all = new java.util.ArrayList<>(safe);
        all.addAll(all.size() - 1, List.of(new FoldBatchNorm(), new FuseMatMulAdd()));
        yield List.copyOf(all);
      }
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
