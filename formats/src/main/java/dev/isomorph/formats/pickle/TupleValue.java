package dev.isomorph.formats.pickle;

import java.util.List;

/** A {@code tuple}. Its items never change, but may be lists that hold it. */
public final class TupleValue implements PickleValue {
  private final List<PickleValue> items;

  /** Makes a tuple of a copy of {@code items}. */
  public TupleValue(List<? extends PickleValue> items) {
    this.items = List.copyOf(items);
  }

  /** {@return a tuple} */
  public static TupleValue of(PickleValue... items) {
    return new TupleValue(List.of(items));
  }

  /** {@return the items} */
  public List<PickleValue> items() {
    return items;
  }

  @Override
  public String describe() {
    return "a tuple of " + items.size();
  }

  @Override
  public String toString() {
    return describe();
  }
}
