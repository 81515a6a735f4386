package dev.isomorph.runtime;

import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What one call of a model gave, by output name in the signature's order. It outlives the session
 * and the model. Immutable.
 */
public final class Results {
  private final SequencedMap<String, Datum> values;

  Results(Map<String, Datum> values) {
    this.values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
  }

  /** {@return all results in order} */
  public SequencedMap<String, Datum> values() {
    return values;
  }

  /**
   * {@return one result}
   *
   * @throws IllegalArgumentException if there is no output of this name
   */
  public Datum value(String name) {
    Datum value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "there is no output '" + name + "', only " + values.keySet());
    }
    return value;
  }

  /**
   * {@return one result that is a tensor}
   *
   * @throws IllegalArgumentException if there is no output of this name, or it is no tensor
   */
  public Tensor tensor(String name) {
    if (value(name) instanceof Tensor tensor) {
      return tensor;
    }
    throw new IllegalArgumentException("output '" + name + "' is no tensor");
  }
}
