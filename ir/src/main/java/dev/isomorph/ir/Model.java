package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.tensor.TensorArena;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;

/**
 * A neural network: ways to call it, each with its graph, over one shared table of parameters.
 * Immutable and safe for many threads. It holds the memory of its tensors: {@link #close} lets it
 * go, and using a tensor afterwards is an error that names the model. Rewritten forms of a model
 * hold the same memory, each for itself.
 */
public final class Model implements AutoCloseable {
  private final String name;
  private final Source source;
  private final List<Signature> signatures;
  private final SequencedSet<Value.Parameter> parameters;
  private final SequencedSet<Value.Parameter> unused;
  private final Map<String, String> metadata;
  private final List<String> assumptions;
  private final TensorArena arena;
  private boolean closed;

  /**
   * What a model was read from.
   *
   * @param format the format, such as {@code onnx} or {@code torch.save + source}
   * @param path the file or folder as the user named it
   * @param version what the file says of its own version: an opset, a producer; or empty
   */
  public record Source(String format, String path, String version) {
    /** A model made in memory. */
    public static final Source MEMORY = new Source("memory", "", "");
  }

  private Model(Builder builder) {
    this.name = builder.name;
    this.source = builder.source;
    this.signatures = List.copyOf(builder.signatures);
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(builder.metadata));
    this.assumptions = List.copyOf(builder.assumptions);
    this.arena = builder.arena;
    SequencedSet<Value.Parameter> all = new LinkedHashSet<>();
    for (Signature signature : signatures) {
      signature.states().forEach(s -> all.add(s.initial()));
      all.addAll(signature.graph().parameters());
    }
    this.unused = new LinkedHashSet<>(builder.unused);
    this.unused.removeAll(all);
    all.addAll(unused);
    checkKeys(all);
    this.parameters = Collections.unmodifiableSequencedSet(all);
    if (signatures.isEmpty()) {
      throw new IllegalArgumentException("a model needs a signature");
    }
    arena.retain();
  }

  private static void checkKeys(SequencedSet<Value.Parameter> parameters) {
    Set<String> keys = new HashSet<>();
    for (Value.Parameter parameter : parameters) {
      if (!keys.add(parameter.name())) {
        throw new IllegalArgumentException(
            "two parameters have the key '" + parameter.name() + "'");
      }
    }
  }

  /** {@return a builder for a model of this name} */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** {@return a builder that starts as a copy of this} */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.source = source;
    builder.signatures.addAll(signatures);
    builder.metadata.putAll(metadata);
    builder.assumptions.addAll(assumptions);
    builder.unused.addAll(unused);
    builder.arena = arena;
    return builder;
  }

  /** {@return the name, for messages} */
  public String name() {
    return name;
  }

  /** {@return what it was read from} */
  public Source source() {
    return source;
  }

  /** {@return the ways to call it, at least one; the first is the default} */
  public List<Signature> signatures() {
    return signatures;
  }

  /** {@return the default way to call it} */
  public Signature signature() {
    return signatures.getFirst();
  }

  /**
   * {@return all stored tensors: states, then in the order of their first use, then unused ones}
   */
  public SequencedSet<Value.Parameter> parameters() {
    return parameters;
  }

  /** {@return the source's own metadata} */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** {@return what was taken for granted on the way here, as sentences for the user} */
  public List<String> assumptions() {
    return assumptions;
  }

  /** {@return the owner of the memory, to be retained by whoever outlives this model} */
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

  /** {@return the text form} */
  @Override
  public String toString() {
    return TextPrinter.print(this);
  }

  /** Collects the parts of a model. Not safe for many threads. */
  public static final class Builder {
    private final String name;
    private Source source = Source.MEMORY;
    private final List<Signature> signatures = new java.util.ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<String> assumptions = new java.util.ArrayList<>();
    private final SequencedSet<Value.Parameter> unused = new LinkedHashSet<>();
    private TensorArena arena;

    private Builder(String name) {
      this.name = requireNonNull(name, "name is null");
    }

    /** Sets what it was read from. */
    public Builder source(Source source) {
      this.source = source;
      return this;
    }

    /** Adds a way to call it. */
    public Builder signature(Signature signature) {
      signatures.add(signature);
      return this;
    }

    /** Replaces all ways to call it. */
    public Builder signatures(List<Signature> replacement) {
      signatures.clear();
      signatures.addAll(replacement);
      return this;
    }

    /** Adds an entry of the source's metadata. */
    public Builder metadata(String key, String value) {
      metadata.put(key, value);
      return this;
    }

    /** Adds a sentence about what was taken for granted. */
    public Builder assumption(String sentence) {
      assumptions.add(sentence);
      return this;
    }

    /** Adds a parameter that no graph uses but that is part of the model. */
    public Builder unused(Value.Parameter parameter) {
      unused.add(parameter);
      return this;
    }

    /**
     * Sets the owner of the tensors' memory. The model retains it once more; the caller keeps (and
     * releases) its own hold.
     */
    public Builder arena(TensorArena arena) {
      this.arena = arena;
      return this;
    }

    /**
     * {@return the model}
     *
     * @throws IllegalArgumentException if it has no signature, or two parameters have one key
     */
    public Model build() {
      if (arena != null) {
        return new Model(this);
      }
      arena = TensorArena.open(name);
      Model model = new Model(this);
      arena.release();
      return model;
    }
  }
}
