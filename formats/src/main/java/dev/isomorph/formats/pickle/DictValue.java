package dev.isomorph.formats.pickle;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code dict} or one of its standard kin, in insertion order; a key that is set again keeps its
 * place, as in Python. It may hold itself.
 */
public final class DictValue implements PickleValue {
  /** The class that it was in Python. */
  public enum Kind {
    DICT("dict"),
    ORDERED_DICT("OrderedDict"),
    DEFAULT_DICT("defaultdict"),
    COUNTER("Counter");

    private final String pythonName;

    Kind(String pythonName) {
      this.pythonName = pythonName;
    }

    /** {@return the class's name in Python} */
    public String pythonName() {
      return pythonName;
    }
  }

  /** A key with its value. */
  public record Entry(PickleValue key, PickleValue value) {}

  private final Kind kind;
  private final Map<Object, Entry> entries = new LinkedHashMap<>();
  private DictValue attributes;

  /** Makes an empty dict. */
  public DictValue(Kind kind) {
    this.kind = kind;
  }

  /** {@return which class it was} */
  public Kind kind() {
    return kind;
  }

  /** {@return the entries in order} */
  public Collection<Entry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  /** {@return the number of entries} */
  public int size() {
    return entries.size();
  }

  /** {@return the value of a text key} */
  public Optional<PickleValue> get(String key) {
    return Optional.ofNullable(entries.get(key)).map(Entry::value);
  }

  /**
   * {@return the attributes of the dict object itself, which state dicts use for {@code _metadata};
   * empty when it has none}
   */
  public Optional<DictValue> attributes() {
    return Optional.ofNullable(attributes);
  }

  /** Sets an entry. Only whoever makes a dict may do so. */
  public void put(PickleValue key, PickleValue value) {
    Object id = Keys.of(key);
    Entry old = entries.get(id);
    entries.put(id, new Entry(old == null ? key : old.key(), value));
  }

  /** Sets the attributes of the dict object itself. */
  public void setAttributes(DictValue attributes) {
    this.attributes = attributes;
  }

  @Override
  public String describe() {
    return (kind == Kind.ORDERED_DICT ? "an " : "a ") + kind.pythonName + " of " + entries.size();
  }

  @Override
  public String toString() {
    return describe();
  }
}
