package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.tensor.TensorArena;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Named tensors without a graph: what a state dict, a safetensors file or a checkpoint holds, or
 * the weights of a {@link Model}. Immutable and safe for many threads. It holds the memory of its
 * tensors until it is closed.
 */
public final class Weights implements AutoCloseable {
  private final String name;
  private final Model.Source source;
  private final SequencedMap<String, Value.Parameter> parameters;
  private final Map<String, String> metadata;
  private final TensorArena arena;
  private boolean closed;

  /**
   * Makes a set of weights.
   *
   * @param name the name, for messages
   * @param source what they were read from
   * @param parameters in the source's order; tied ones share their {@link
   *     Value.Parameter#storage()}
   * @param metadata the source's own metadata
   * @param arena the owner of the tensors' memory, retained once more; the caller keeps its hold
   * @throws IllegalArgumentException if two parameters have one key
   */
  public Weights(
      String name,
      Model.Source source,
      Iterable<Value.Parameter> parameters,
      Map<String, String> metadata,
      TensorArena arena) {
    this.name = requireNonNull(name, "name is null");
    this.source = requireNonNull(source, "source is null");
    SequencedMap<String, Value.Parameter> byKey = new LinkedHashMap<>();
    for (Value.Parameter parameter : parameters) {
      if (byKey.put(parameter.name(), parameter) != null) {
        throw new IllegalArgumentException("two parameters have the key " + parameter.name());
      }
    }
    this.parameters = Collections.unmodifiableSequencedMap(byKey);
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    this.arena = requireNonNull(arena, "arena is null");
    arena.retain();
  }

  /**
   * {@return the weights of a model: its trainable parameters and buffers, without the constants of
   * its program}
   */
  public static Weights of(Model model) {
    return new Weights(
        model.name(),
        model.source(),
        model.parameters().stream().filter(p -> p.kind() != Value.Parameter.Kind.CONSTANT).toList(),
        model.metadata(),
        model.arena());
  }

  /** {@return the name, for messages} */
  public String name() {
    return name;
  }

  /** {@return what they were read from} */
  public Model.Source source() {
    return source;
  }

  /** {@return the tensors by their keys, in the source's order} */
  public SequencedMap<String, Value.Parameter> parameters() {
    return parameters;
  }

  /** {@return the source's own metadata} */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** {@return the owner of the memory} */
  public TensorArena arena() {
    return arena;
  }

  /** Lets the memory go; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      arena.release();
    }
  }
}
