package dev.isomorph.formats.pickle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A {@code list}. It may hold itself. */
public final class ListValue implements PickleValue {
  private final List<PickleValue> items = new ArrayList<>();

  /** Makes a list of a copy of {@code items}. */
  public ListValue(List<? extends PickleValue> items) {
    this.items.addAll(items);
  }

  /** {@return the items} */
  public List<PickleValue> items() {
    return Collections.unmodifiableList(items);
  }

  void addAll(List<PickleValue> more) {
    items.addAll(more);
  }

  @Override
  public String describe() {
    return "a list of " + items.size();
  }

  @Override
  public String toString() {
    return describe();
  }
}
