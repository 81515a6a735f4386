package dev.isomorph.verifier.inputs;

import dev.isomorph.ir.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * One set of inputs to a model.
 *
 * @param name what is special about it: {@code given}, {@code normal}, {@code wide}, …, with the
 *     sizes of symbolic dims
 * @param values tensors by the names of the signature's inputs, in order
 */
public record InputSet(String name, SequencedMap<String, Tensor> values) {
  public InputSet {
    values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
  }
}
