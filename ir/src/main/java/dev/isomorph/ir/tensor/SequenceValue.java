package dev.isomorph.ir.tensor;

import java.util.List;

/**
 * An ordered list of values of one type.
 *
 * @param elements the values, possibly none
 */
public record SequenceValue(List<Datum> elements) implements Datum {
  public SequenceValue {
    elements = List.copyOf(elements);
  }
}
