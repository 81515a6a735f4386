package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One application of an operator. Immutable; equality is identity. Made by a {@link GraphBuilder}
 * alone.
 */
public final class Node {
  private final String name;
  private final Op op;
  private final List<Value> inputs;
  private final List<Value> captures;
  private final List<Value.Result> results;
  private final Origin origin;

  Node(
      String name,
      Op op,
      List<Value> inputs,
      List<Value> captures,
      List<String> resultNames,
      List<ValueType> types,
      List<Contents> contents,
      Origin origin) {
    this.name = requireNonNull(name, "name is null");
    this.op = requireNonNull(op, "op is null");
    this.inputs = List.copyOf(inputs);
    this.captures = List.copyOf(captures);
    this.origin = requireNonNull(origin, "origin is null");
    List<Value.Result> made = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      made.add(new Value.Result(this, i, resultNames.get(i), types.get(i), contents.get(i)));
    }
    this.results = List.copyOf(made);
  }

  /** {@return the name, unique within the graph; the original one where there was one} */
  public String name() {
    return name;
  }

  /** {@return the operator with its attributes} */
  public Op op() {
    return op;
  }

  /** {@return operands in order; {@link Value#ABSENT} where an optional one is left out} */
  public List<Value> inputs() {
    return inputs;
  }

  /** {@return an operand; absent also beyond the last one} */
  public Value input(int index) {
    return index < inputs.size() ? inputs.get(index) : Value.ABSENT;
  }

  /** {@return an operand, if it is given} */
  public Optional<Value> optionalInput(int index) {
    return Optional.of(input(index)).filter(v -> !v.isAbsent());
  }

  /**
   * {@return the outer values that the regions use}: those of the first region in the order of its
   * {@link Graph#captures}, then those of the second, …
   */
  public List<Value> captures() {
    return captures;
  }

  /** {@return the outer values that one region uses, in the order of its {@link Graph#captures}} */
  public List<Value> captures(Graph region) {
    int from = 0;
    for (Graph candidate : op.regions()) {
      int count = candidate.captures().size();
      if (candidate == region) {
        return captures.subList(from, from + count);
      }
      from += count;
    }
    throw new IllegalArgumentException(region.name() + " is no region of " + this);
  }

  /** {@return the results in order} */
  public List<Value.Result> results() {
    return results;
  }

  /** {@return one result} */
  public Value.Result result(int index) {
    return results.get(index);
  }

  /** {@return where it comes from} */
  public Origin origin() {
    return origin;
  }

  /** {@return name and operator, for messages: {@code "conv1" (Conv)}} */
  public String describe() {
    return "\"" + name + "\" (" + op.name() + ")";
  }

  @Override
  public String toString() {
    return describe();
  }
}
