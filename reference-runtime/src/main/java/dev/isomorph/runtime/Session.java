package dev.isomorph.runtime;

import static java.util.Objects.requireNonNull;

import dev.isomorph.ir.Model;
import dev.isomorph.ir.Signature;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.MapValue;
import dev.isomorph.ir.tensor.OptionalValue;
import dev.isomorph.ir.tensor.SequenceValue;
import dev.isomorph.ir.tensor.Storage;
import dev.isomorph.ir.tensor.Tensor;
import dev.isomorph.runtime.device.Device;
import dev.isomorph.runtime.device.PreparedGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that is ready to be called. It holds the model's memory, so that the model itself may be
 * closed meanwhile, and carries state from call to call. One call at a time; open several sessions
 * of one model for several threads.
 */
public final class Session implements AutoCloseable {
  private final Model model;
  private final Signature signature;
  private final PreparedGraph prepared;
  private final List<Datum> states = new ArrayList<>();
  private boolean closed;

  private Session(Model model, Signature signature, PreparedGraph prepared) {
    this.model = model;
    this.signature = signature;
    this.prepared = prepared;
    reset();
  }

  /**
   * Opens the default signature of a model with the default options: its own types.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#UNSUPPORTED_OPERATOR}
   *     with every operator that the device cannot run
   */
  public static Session open(Model model, Device device) {
    return open(model, model.signature(), device, RunOptions.OWN);
  }

  /**
   * Opens one signature of a model.
   *
   * @param options in a {@link Precision#TRUTH} run, float results are f64
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#UNSUPPORTED_OPERATOR}
   *     with every operator that the device cannot run
   */
  public static Session open(Model model, Signature signature, Device device, RunOptions options) {
    requireNonNull(device, "device is null");
    model.arena().retain();
    try {
      return new Session(model, signature, device.prepare(signature, options));
    } catch (RuntimeException e) {
      model.arena().release();
      throw e;
    }
  }

  /** {@return names and types of what goes in and comes out} */
  public Signature signature() {
    return signature;
  }

  /** Goes back to the state before the first call. */
  public void reset() {
    states.clear();
    signature.states().forEach(s -> states.add(s.initial().tensor()));
  }

  /**
   * {@return the outputs by name; they outlive the session and the model}
   *
   * @param inputs the signature's inputs by name
   * @throws dev.isomorph.ir.diagnostic.IsomorphException {@link ErrorCode#INPUT_MISMATCH} with
   *     everything that does not fit, or what a node failed with
   * @throws IllegalStateException if the session is closed
   */
  public Results run(Map<String, ? extends Datum> inputs) {
    if (closed) {
      throw new IllegalStateException("the session of '" + model.name() + "' is closed");
    }
    List<Datum> ordered = InputCheck.check(signature, inputs);
    ordered.addAll(states);
    List<Datum> results = prepared.run(ordered);
    if (results.size() != signature.outputs().size() + signature.states().size()) {
      throw Diagnostic.error(ErrorCode.INTERNAL, "the run gave %d results", results.size())
          .toException();
    }
    Map<String, Datum> named = new LinkedHashMap<>();
    for (int i = 0; i < signature.outputs().size(); i++) {
      named.put(signature.outputs().get(i).name(), detached(results.get(i)));
    }
    states.clear();
    results.stream().skip(signature.outputs().size()).map(Session::detached).forEach(states::add);
    return new Results(named);
  }

  /** {@return the value in memory of its own} */
  private static Datum detached(Datum value) {
    return switch (value) {
      case Tensor tensor -> detached(tensor);
      case SequenceValue(var elements) ->
          new SequenceValue(elements.stream().map(Session::detached).toList());
      case OptionalValue(var element) -> new OptionalValue(element.map(Session::detached));
      case MapValue(var entries) -> {
        Map<Object, Datum> copied = new LinkedHashMap<>();
        entries.forEach((key, element) -> copied.put(key, detached(element)));
        yield new MapValue(copied);
      }
    };
  }

  private static Datum detached(Tensor tensor) {
    return switch (tensor.storage()) {
      case Storage.Lazy _ -> tensor.dense();
      case Storage.Dense dense when dense.owner() != null -> {
        var copy = Tensor.allocate(tensor.byteSize());
        tensor.write(0, tensor.size(), copy);
        yield Tensor.of(tensor.dtype(), tensor.dims(), copy);
      }
      case Storage.Dense _, Storage.Strings _ -> tensor;
    };
  }

  /** Lets the model's memory go; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      prepared.close();
      model.arena().release();
    }
  }
}
