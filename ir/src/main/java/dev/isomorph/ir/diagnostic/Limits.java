package dev.isomorph.ir.diagnostic;

/**
 * The bounds that keep a hostile or broken file from taking the machine. Exceeding one is {@link
 * ErrorCode#FORMAT_LIMIT}. Immutable.
 *
 * @param headerBytes largest header, manifest or index that is read whole, in bytes
 * @param archiveEntries most entries of an archive
 * @param inflatedBytes most bytes that compressed entries of one archive may inflate to
 * @param nesting deepest nesting of containers, messages, regions and Python expressions
 * @param objects most objects that a pickle may make, its memo included
 * @param elements most elements of one tensor that is not backed by bytes of the file
 * @param foldedBytes largest constant that folding may create, in bytes
 * @param loopTrips most iterations that are unrolled or folded
 * @param steps most steps of the Python subset evaluator
 */
public record Limits(
    long headerBytes,
    int archiveEntries,
    long inflatedBytes,
    int nesting,
    int objects,
    long elements,
    long foldedBytes,
    int loopTrips,
    long steps) {

  /** {@return bounds that every real model of today keeps} */
  public static Limits defaults() {
    return new Limits(
        256L << 20,
        1_000_000,
        16L << 30,
        256,
        50_000_000,
        1L << 34,
        64L << 20,
        10_000,
        200_000_000L);
  }

  /**
   * Checks one value against one bound.
   *
   * @throws IsomorphException {@link ErrorCode#FORMAT_LIMIT} if {@code value} exceeds {@code bound}
   */
  public static void check(String what, long value, long bound) {
    if (value < 0 || value > bound) {
      throw Diagnostic.error(ErrorCode.FORMAT_LIMIT, "%s is beyond what is allowed", what)
          .expected("at most " + bound, value)
          .toException();
    }
  }
}
