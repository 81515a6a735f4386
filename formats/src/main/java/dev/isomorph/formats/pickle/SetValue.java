package dev.isomorph.formats.pickle;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@code set} or {@code frozenset}, in the order of the stream. */
public final class SetValue implements PickleValue {
  private final Map<Object, PickleValue> items = new LinkedHashMap<>();
  private final boolean frozen;

  SetValue(boolean frozen, List<PickleValue> items) {
    this.frozen = frozen;
    addAll(items);
  }

  /** {@return whether it is a {@code frozenset}} */
  public boolean frozen() {
    return frozen;
  }

  /** {@return the items} */
  public Collection<PickleValue> items() {
    return Collections.unmodifiableCollection(items.values());
  }

  void addAll(List<PickleValue> more) {
    more.forEach(item -> items.putIfAbsent(Keys.of(item), item));
  }

  @Override
  public String describe() {
    return "a set of " + items.size();
  }

  @Override
  public String toString() {
    return describe();
  }
}
