package dev.isomorph.ir.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map from keys of one type to values of one type.
 *
 * @param entries keys ({@link Long} or {@link String}) to values, in the order in which they were
 *     put
 */
public record MapValue(Map<Object, Datum> entries) implements Datum {
  public MapValue {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }
}
