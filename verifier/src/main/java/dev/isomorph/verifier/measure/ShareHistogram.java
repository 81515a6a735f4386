package dev.isomorph.verifier.measure;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How many elements used up which share of what they were allowed to differ, in powers of two. The
 * first bin holds elements that do not differ at all; bin {@code i > 0} holds shares above {@code
 * 2^(LOWEST + i - 1)} up to twice that, the outermost ones all beyond. Immutable.
 *
 * @param counts elements by bin; empty if nothing was measured
 */
public record ShareHistogram(List<Long> counts) {
  /** Exponent of the lower border of the second bin, which also holds all that is below. */
  public static final int LOWEST = -16;

  /** Exponent of the upper border of the last bin, which also holds all that is above. */
  public static final int HIGHEST = 8;

  /** How many bins there are. */
  public static final int BINS = 1 + HIGHEST - LOWEST;

  /** Nothing was measured. */
  public static final ShareHistogram EMPTY = new ShareHistogram(List.of());

  public ShareHistogram {
    counts = List.copyOf(counts);
    if (!counts.isEmpty() && counts.size() != BINS) {
      throw new IllegalArgumentException(counts.size() + " bins");
    }
  }

  /** {@return the bin of a share; NaN and infinity go into the last} */
  static int bin(double share) {
    if (share == 0) {
      return 0;
    }
    if (!(share <= Math.scalb(1, HIGHEST))) {
      return BINS - 1;
    }
    int exponent = Math.getExponent(share);
    // A power of two is the upper border of its bin, so that 1 still counts as allowed.
    int above = share == Math.scalb(1.0, exponent) ? exponent - 1 : exponent;
    return Math.clamp(1L + above - LOWEST, 1, BINS - 1);
  }

  /** {@return the histogram of some shares} */
  public static ShareHistogram of(double[] shares) {
    long[] counts = new long[BINS];
    for (double share : shares) {
      counts[bin(share)]++;
    }
    return new ShareHistogram(LongStream.of(counts).boxed().toList());
  }

  /** {@return the elements of both} */
  public ShareHistogram plus(ShareHistogram other) {
    if (counts.isEmpty() || other.counts.isEmpty()) {
      return counts.isEmpty() ? other : this;
    }
    return new ShareHistogram(
        IntStream.range(0, BINS).mapToObj(i -> counts.get(i) + other.counts.get(i)).toList());
  }

  /** {@return how many elements there are} */
  public long total() {
    return counts.stream().mapToLong(c -> c).sum();
  }

  /** {@return the fullest bin's count} */
  public long highest() {
    return counts.isEmpty() ? 0 : Collections.max(counts);
  }
}
