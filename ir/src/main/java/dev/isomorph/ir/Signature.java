package dev.isomorph.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * One way to call a model: names and types at the boundary, and the graph that computes it. The
 * graph's inputs are the ports in order followed by the states; so are its outputs. Names, order
 * and nesting are the source's.
 *
 * @param name the signature's name; {@code serving_default}, {@code forward}, the ONNX graph's name
 * @param inputs what the caller gives
 * @param outputs what the caller gets
 * @param states what one call leaves for the next
 * @param graph the function
 */
public record Signature(
    String name, List<Port> inputs, List<Port> outputs, List<State> states, Graph graph) {

  /** How the axes of an image-like tensor are ordered at the boundary. */
  public enum Layout {
    /** Nothing is known, or the tensor is no image. */
    NONE,
    /** Batch, channels, spatial axes. */
    NCHW,
    /** Batch, spatial axes, channels. */
    NHWC
  }

  /**
   * An input or output.
   *
   * @param name the original name
   * @param type element type and shape
   * @param layout order of axes
   * @param doc the source's description, or empty
   */
  public record Port(String name, ValueType type, Layout layout, String doc) {
    /** Makes a port of which only name and type are known. */
    public Port(String name, ValueType type) {
      this(name, type, Layout.NONE, "");
    }
  }

  /**
   * State that is carried from call to call, as a function: the graph reads it as an input and
   * writes it as an output.
   *
   * @param name the original key
   * @param initial the value before the first call
   */
  public record State(String name, Value.Parameter initial) {}

  public Signature {
    requireNonNull(name, "name is null");
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    states = List.copyOf(states);
    if (graph.inputs().size() != inputs.size() + states.size()
        || graph.outputs().size() != outputs.size() + states.size()) {
      throw new IllegalArgumentException(
          "signature '%s' has %d inputs, %d outputs and %d states, but its graph has %d and %d"
              .formatted(
                  name,
                  inputs.size(),
                  outputs.size(),
                  states.size(),
                  graph.inputs().size(),
                  graph.outputs().size()));
    }
  }

  /**
   * {@return a signature without state whose ports are named and typed as the graph's values are}
   */
  public static Signature of(Graph graph) {
    return new Signature(
        graph.name(),
        graph.inputs().stream().map(v -> new Port(v.name(), v.type())).toList(),
        graph.outputs().stream().map(v -> new Port(v.name(), v.type())).toList(),
        List.of(),
        graph);
  }

  /** {@return the same boundary around another graph} */
  public Signature withGraph(Graph graph) {
    return new Signature(name, inputs, outputs, states, graph);
  }

  /** {@return the input of this name} */
  public Optional<Port> input(String name) {
    return inputs.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /** {@return the output of this name} */
  public Optional<Port> output(String name) {
    return outputs.stream().filter(p -> p.name().equals(name)).findFirst();
  }
}
