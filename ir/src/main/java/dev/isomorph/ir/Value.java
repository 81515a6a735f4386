package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Optional;

/**
 * A value of a graph: an input, a parameter or a node's result. Immutable; equality is identity. A
 * value knows what makes it; what uses it is known by its graph ({@link Graph#uses}), because
 * untouched nodes are shared between a graph and its rewritten forms.
 */
public abstract sealed class Value {
  /** Stands for an optional operand that is left out. */
  public static final Value ABSENT = new Absent();

  private final String name;
  private final ValueType type;
  private final Contents contents;

  private Value(String name, ValueType type, Contents contents) {
    this.name = requireNonNull(name, "name is null");
    this.type = requireNonNull(type, "type is null");
    this.contents = contents;
  }

  /** {@return the name, unique within its graph; the original one where there was one} */
  public String name() {
    return name;
  }

  /** {@return what is known of it} */
  public ValueType type() {
    return type;
  }

  /** {@return its elements as expressions, where they are known} */
  public Optional<Contents> contents() {
    return Optional.ofNullable(contents);
  }

  /** {@return whether this stands for an operand that is left out} */
  public boolean isAbsent() {
    return this instanceof Absent;
  }

  /** {@return the stored tensor, if this is a parameter that no step of the model writes} */
  public Optional<Tensor> constant() {
    return this instanceof Parameter parameter ? Optional.of(parameter.tensor()) : Optional.empty();
  }

  /** {@return the node that makes it, if one does} */
  public Optional<Node> producer() {
    return this instanceof Result result ? Optional.of(result.node) : Optional.empty();
  }

  /** A formal parameter of a graph or region, or what a region captures. */
  public static final class Input extends Value {
    Input(String name, ValueType type, Contents contents) {
      super(name, type, contents);
    }
  }

  /** A result of a node. */
  public static final class Result extends Value {
    private final Node node;
    private final int index;

    Result(Node node, int index, String name, ValueType type, Contents contents) {
      super(name, type, contents);
      this.node = node;
      this.index = index;
    }

    /** {@return the node that makes it} */
    public Node node() {
      return node;
    }

    /** {@return its position among the node's results} */
    public int index() {
      return index;
    }
  }

  /**
   * A stored tensor of the model: a weight, a buffer, a constant. Parameters belong to the model,
   * not to a graph: any graph or region uses them without capturing.
   */
  public static final class Parameter extends Value {
    /** What a stored tensor is to the model. */
    public enum Kind {
      /** Changed by training. */
      TRAINABLE,
      /** Kept with the weights, not changed by the optimizer. */
      BUFFER,
      /** Part of the program. */
      CONSTANT
    }

    private final Tensor tensor;
    private final Kind kind;
    private final Object storage;
    private final Derivation derivation;

    /**
     * Makes a parameter.
     *
     * @param key its key in the source, unique within the model
     * @param tensor its value
     * @param kind what it is to the model
     * @param storage identity of the memory: tied weights have the same one; equal bytes do not
     * @param derivation how it came from the source's tensors
     */
    public Parameter(String key, Tensor tensor, Kind kind, Object storage, Derivation derivation) {
      super(key, ValueType.of(tensor), contentsOf(tensor));
      this.tensor = tensor;
      this.kind = requireNonNull(kind, "kind is null");
      this.storage = requireNonNull(storage, "storage is null");
      this.derivation = requireNonNull(derivation, "derivation is null");
    }

    /** {@return a constant of the program} */
    public static Parameter constant(String key, Tensor tensor) {
      return new Parameter(key, tensor, Kind.CONSTANT, new Object(), Derivation.KEPT);
    }

    /** {@return the stored value} */
    public Tensor tensor() {
      return tensor;
    }

    /** {@return what it is to the model} */
    public Kind kind() {
      return kind;
    }

    /** {@return identity of the memory; compare by {@code ==}} */
    public Object storage() {
      return storage;
    }

    /** {@return how it came from the source's tensors} */
    public Derivation derivation() {
      return derivation;
    }

    private static Contents contentsOf(Tensor tensor) {
      boolean small = tensor.rank() <= 1 && tensor.size() <= Contents.MAX_LENGTH;
      boolean exact = tensor.dtype().isInteger() || tensor.dtype() == DType.BOOL;
      if (!small || !exact || tensor.dtype().isPacked()) {
        return null;
      }
      return new Contents(
          tensor.rank() == 0,
          java.util.Arrays.stream(tensor.toLongs())
              .mapToObj(dev.isomorph.ir.shape.Dim::of)
              .toList());
    }
  }

  private static final class Absent extends Value {
    Absent() {
      super("", ValueType.UNKNOWN, null);
    }
  }

  @Override
  public String toString() {
    return isAbsent() ? "absent" : "%" + name + ": " + type;
  }
}
