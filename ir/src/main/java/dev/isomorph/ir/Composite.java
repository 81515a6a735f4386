package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The definition of an operator that ONNX's table does not have: its meaning in plain operators. A
 * kernel, a raising rule or an inference rule for its name is an optimisation of that meaning.
 *
 * @param name domain and name, such as {@code aten::adaptive_avg_pool2d}
 * @param version the version, where meanings differ by version
 * @param expansion the meaning
 */
public record Composite(OpName name, long version, Expansion expansion) {
  /** Builds the body of one call. Pure: the same call gives the same body. */
  @FunctionalInterface
  public interface Expansion {
    /**
     * Builds the body into {@code builder}.
     *
     * @param call the call's attributes
     * @param inputs the operands in order, {@link Value#ABSENT} where one was left out
     * @param builder receives plain operators and other composites, never a call of itself
     * @return the results
     */
    List<Value> build(CompositeCall call, List<Value> inputs, GraphBuilder builder);
  }

  public Composite {
    requireNonNull(name, "name is null");
    requireNonNull(expansion, "expansion is null");
  }

  /** {@return whether both define one name and version} */
  public boolean isSameAs(Composite other) {
    return version == other.version && name.equals(other.name);
  }

  @Override
  public String toString() {
    return name + (version == 0 ? "" : "@" + version);
  }
}
