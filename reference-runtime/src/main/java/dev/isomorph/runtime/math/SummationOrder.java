package dev.isomorph.runtime.math;

/**
 * The order in which the terms of a sum are added. Every order is deterministic; runs in different
 * orders show how much of a result is rounding. Matrix products and convolutions add blocks of the
 * inner dimension, each block by fused multiply-adds from first to last; plain sums follow {@link
 * Sums}.
 */
public enum SummationOrder {
  /** From first to last. Matrix products: blocks of 256. */
  SEQUENTIAL(256),
  /** From last to first. Matrix products: blocks of 256. */
  REVERSED(256),
  /** Eight interleaved partial sums, as SIMD code has them. Matrix products: blocks of 32. */
  BLOCKED(32),
  /** Halves added recursively. Matrix products: the two halves interleaved, in blocks of 16. */
  PAIRWISE(16);

  private final int block;

  SummationOrder(int block) {
    this.block = block;
  }

  /** {@return terms of the inner dimension that a matrix product adds at once} */
  int block() {
    return block;
  }

  /** {@return which of {@code length} terms a matrix product adds at place {@code k}} */
  int term(int k, int length) {
    return switch (this) {
      case SEQUENTIAL, BLOCKED -> k;
      case REVERSED -> length - 1 - k;
      case PAIRWISE -> (k & 1) == 0 ? k >> 1 : ((length + 1) >> 1) + (k >> 1);
    };
  }

  /** {@return whether terms are taken in their own order} */
  boolean isNatural() {
    return this == SEQUENTIAL || this == BLOCKED;
  }
}
