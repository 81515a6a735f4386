package dev.isomorph.runtime;

import static java.util.Objects.requireNonNull;

import dev.isomorph.runtime.math.ComputePool;
import dev.isomorph.runtime.math.SummationOrder;
import java.util.OptionalLong;

/**
 * How a graph is run. Immutable.
 *
 * @param precision in which precision floats are carried
 * @param order the order in which sums are added
 * @param perturbation when present, every element that a rounding operator computes is moved by one
 *     unit in the last place, up or down as this seed decides; results of exact operators are not
 * @param randomSeed seed of random operators that have none of their own
 * @param maxMemory most bytes of values alive at once
 * @param maxTrips most iterations of one loop
 * @param pool the threads
 */
public record RunOptions(
    Precision precision,
    SummationOrder order,
    OptionalLong perturbation,
    long randomSeed,
    long maxMemory,
    long maxTrips,
    ComputePool pool) {
  /** The model's own types, sums from first to last. */
  public static final RunOptions OWN =
      new RunOptions(
          Precision.OWN,
          SummationOrder.SEQUENTIAL,
          OptionalLong.empty(),
          0,
          Long.MAX_VALUE,
          100_000_000,
          ComputePool.shared());

  /** Floats in f64. */
  public static final RunOptions TRUTH = OWN.withPrecision(Precision.TRUTH);

  public RunOptions {
    requireNonNull(precision, "precision is null");
    requireNonNull(order, "order is null");
    requireNonNull(perturbation, "perturbation is null");
    requireNonNull(pool, "pool is null");
  }

  /** {@return these options with another precision} */
  public RunOptions withPrecision(Precision value) {
    return new RunOptions(value, order, perturbation, randomSeed, maxMemory, maxTrips, pool);
  }

  /** {@return these options with another order of sums} */
  public RunOptions withOrder(SummationOrder value) {
    return new RunOptions(precision, value, perturbation, randomSeed, maxMemory, maxTrips, pool);
  }

  /** {@return these options with every rounding result moved by one unit in the last place} */
  public RunOptions withPerturbation(long seed) {
    return new RunOptions(
        precision, order, OptionalLong.of(seed), randomSeed, maxMemory, maxTrips, pool);
  }

  /** {@return these options with another seed of random operators} */
  public RunOptions withRandomSeed(long seed) {
    return new RunOptions(precision, order, perturbation, seed, maxMemory, maxTrips, pool);
  }

  /** {@return these options with another bound on memory, in bytes} */
  public RunOptions withMaxMemory(long bytes) {
    return new RunOptions(precision, order, perturbation, randomSeed, bytes, maxTrips, pool);
  }

  /** {@return these options with another bound on the trips of a loop} */
  public RunOptions withMaxTrips(long trips) {
    return new RunOptions(precision, order, perturbation, randomSeed, maxMemory, trips, pool);
  }

  /** {@return these options with other threads} */
  public RunOptions withPool(ComputePool value) {
    return new RunOptions(precision, order, perturbation, randomSeed, maxMemory, maxTrips, value);
  }
}
