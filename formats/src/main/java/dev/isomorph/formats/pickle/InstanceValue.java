package dev.isomorph.formats.pickle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * An inert object: what would have been made by calling something outside the closed list. It
 * records the callable, the arguments, the states, items and elements that the stream then gives
 * it, and where. Nothing was executed.
 */
public final class InstanceValue implements PickleValue {
  private final PickleValue callable;
  private final TupleValue arguments;
  private final Optional<DictValue> keywords;
  private final Opcode opcode;
  private final long offset;
  private final List<PickleValue> states = new ArrayList<>();
  private final DictValue items = new DictValue(DictValue.Kind.DICT);
  private final ListValue elements = new ListValue(List.of());

  InstanceValue(
      PickleValue callable,
      TupleValue arguments,
      Optional<DictValue> keywords,
      Opcode opcode,
      long offset) {
    this.callable = callable;
    this.arguments = arguments;
    this.keywords = keywords;
    this.opcode = opcode;
    this.offset = offset;
  }

  /** {@return the class or function: mostly a {@link GlobalValue}} */
  public PickleValue callable() {
    return callable;
  }

  /** {@return the positional arguments} */
  public TupleValue arguments() {
    return arguments;
  }

  /** {@return the keyword arguments, which only protocol 4 has} */
  public Optional<DictValue> keywords() {
    return keywords;
  }

  /** {@return how it was made: {@code REDUCE} is a call, the others make an instance of a class} */
  public Opcode opcode() {
    return opcode;
  }

  /** {@return where} */
  public long offset() {
    return offset;
  }

  /** {@return {@code module.name} of the callable; empty when it is not a global} */
  public Optional<String> typeName() {
    return callable instanceof GlobalValue g ? Optional.of(g.qualifiedName()) : Optional.empty();
  }

  /** {@return the states given by {@code BUILD}, in order} */
  public List<PickleValue> states() {
    return Collections.unmodifiableList(states);
  }

  /** {@return the value of an attribute, from the newest state that has it} */
  public Optional<PickleValue> attribute(String name) {
    for (PickleValue state : states.reversed()) {
      List<PickleValue> parts = state instanceof TupleValue t ? t.items() : List.of(state);
      for (PickleValue part : parts.reversed()) {
        if (part instanceof DictValue dict && dict.get(name).isPresent()) {
          return dict.get(name);
        }
      }
    }
    return Optional.empty();
  }

  /** {@return entries that were set on it, for subclasses of dict} */
  public DictValue items() {
    return items;
  }

  /** {@return elements that were appended to it, for subclasses of list and for sets} */
  public ListValue elements() {
    return elements;
  }

  void addState(PickleValue state) {
    states.add(state);
  }

  @Override
  public String describe() {
    String made = opcode == Opcode.REDUCE ? "a call of " : "an object of ";
    return made
        + (callable instanceof GlobalValue g
            ? PickleValue.quoted(g.module(), g.name())
            : callable.describe());
  }

  @Override
  public String toString() {
    return describe();
  }
}
