package dev.isomorph.verifier;

import dev.isomorph.verifier.measure.Distance;
import dev.isomorph.verifier.measure.ShareHistogram;

/**
 * One comparison: one output (or operand of an operator that hides differences) under one input set
 * by one check.
 *
 * @param check which check
 * @param engine whose values were judged: {@code reference}, {@code onnxruntime}, a framework
 * @param inputs the input set's name
 * @param output the output's name, or the operand's
 * @param distance how far it is from the truth
 * @param allowed what the worst element was allowed, in absolute terms
 * @param ratio largest quotient of an element's difference and what it was allowed; at most 1
 *     passes
 * @param ties discrete elements that differ where legal rounding moves the truth, too
 * @param smallestTolerance the value for {@code --rtol} and {@code --atol} that would just pass
 * @param histogram how much of what they were allowed the elements used up
 * @param status the result
 * @param detail what is wrong, or empty
 */
public record CheckRow(
    Check check,
    String engine,
    String inputs,
    String output,
    Distance distance,
    double allowed,
    double ratio,
    long ties,
    double smallestTolerance,
    ShareHistogram histogram,
    Status status,
    String detail) {

  /** The checks of a verdict, in the order in which they are made. */
  public enum Check {
    /** Source and target agree in f64. */
    FUNCTION,
    /** Operands of operators that hide differences agree in f64, too. */
    OPERAND,
    /** Another engine, on the file that was written, stays within legal rounding. */
    ENGINE,
    /** What the source's own framework computed is within legal rounding of our truth. */
    WITNESS
  }

  /** What a comparison came to. */
  public enum Status {
    PASS,
    FAIL
  }
}
