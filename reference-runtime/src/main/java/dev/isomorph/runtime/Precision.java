package dev.isomorph.runtime;

/** In which precision floating-point values are carried. */
public enum Precision {
  /**
   * Every float type is carried as f64 and nothing is rounded to the declared type. Stored
   * constants are their stored bits. Integers, truth values and strings keep their types.
   */
  TRUTH,
  /** Every value has its declared type; half types are computed in f32 and rounded once. */
  OWN
}
