package dev.isomorph.formats.torch;

import dev.isomorph.formats.LazyBytes;
import dev.isomorph.formats.NamedTensor;
import dev.isomorph.formats.pickle.ForeignValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.IsomorphException;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.LazyTensors;
import dev.isomorph.ir.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A tensor in a pickle, as PyTorch's rebuild functions describe it. Identity matters: a module and
 * an optimizer that hold the same parameter hold the same object.
 */
public final class TensorRef implements ForeignValue {
  /** What the tensor is to its module. */
  public enum Role {
    TENSOR,
    PARAMETER,
    BUFFER
  }

  /** Where the elements are. */
  public sealed interface Data {
    /**
     * A window of a storage.
     *
     * @param storage whose
     * @param offset first element
     * @param strides elements from one index to the next along each axis
     */
    record Strided(StorageRef storage, long offset, long[] strides) implements Data {
      public Strided {
        strides = strides.clone();
      }
    }

    /**
     * Sparse or nested: several tensors.
     *
     * @param layout {@code torch.sparse_coo}, {@code torch.sparse_csr}, …, {@code nested}
     * @param parts what PyTorch stores, in its order
     */
    record Composite(String layout, List<PickleValue> parts) implements Data {
      public Composite {
        parts = List.copyOf(parts);
      }
    }

    /** An array that came as a NumPy array or on another device. */
    record Given(Tensor tensor) implements Data {}

    /**
     * No elements are stored.
     *
     * @param why {@code meta device}, or the class of a wrapper
     */
    record Absent(String why) implements Data {}
  }

  /**
   * The affine map of a quantized tensor: {@code value = (stored − zero point) · scale}.
   *
   * @param scheme {@code per_tensor_affine}, {@code per_channel_affine}, …
   * @param parameters scale and zero point, and the axis for per-channel schemes; numbers or
   *     tensors
   */
  public record Quantization(String scheme, List<PickleValue> parameters) {
    public Quantization {
      parameters = List.copyOf(parameters);
    }
  }

  private final Optional<TorchDType> dtype;
  private final long[] dims;
  private final Data data;
  private final boolean requiresGrad;
  private final Role role;
  private final boolean conjugated;
  private final boolean negated;
  private final Optional<Quantization> quantization;
  private Optional<String> subclass = Optional.empty();
  private Optional<PickleValue> state = Optional.empty();

  private TensorRef(
      Optional<TorchDType> dtype,
      long[] dims,
      Data data,
      boolean requiresGrad,
      Role role,
      boolean conjugated,
      boolean negated,
      Optional<Quantization> quantization) {
    this.dtype = dtype;
    this.dims = dims.clone();
    this.data = data;
    this.requiresGrad = requiresGrad;
    this.role = role;
    this.conjugated = conjugated;
    this.negated = negated;
    this.quantization = quantization;
  }

  static TensorRef of(Optional<TorchDType> dtype, long[] dims, Data data, boolean requiresGrad) {
    return new TensorRef(
        dtype, dims, data, requiresGrad, Role.TENSOR, false, false, Optional.empty());
  }

  TensorRef withSigns(boolean isConjugated, boolean isNegated) {
    return new TensorRef(
        dtype, dims, data, requiresGrad, role, isConjugated, isNegated, quantization);
  }

  TensorRef withQuantization(Quantization map) {
    return new TensorRef(
        dtype, dims, data, requiresGrad, role, conjugated, negated, Optional.of(map));
  }

  TensorRef withRole(Role newRole, boolean newRequiresGrad) {
    TensorRef made =
        new TensorRef(
            dtype, dims, data, newRequiresGrad, newRole, conjugated, negated, quantization);
    made.subclass = subclass;
    made.state = state;
    return made;
  }

  TensorRef withType(Optional<String> newSubclass, Role newRole, Optional<PickleValue> newState) {
    TensorRef made = withRole(newRole, requiresGrad);
    made.subclass = newSubclass;
    made.state = newState;
    return made;
  }

  /** {@return PyTorch's dtype; empty for composites} */
  public Optional<TorchDType> dtype() {
    return dtype;
  }

  /** {@return PyTorch's shape} */
  public long[] dims() {
    return dims.clone();
  }

  /** {@return the number of elements of PyTorch's shape} */
  public long size() {
    return Tensor.sizeOf(dims);
  }

  /** {@return where the elements are} */
  public Data data() {
    return data;
  }

  /** {@return whether it was trained} */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /** {@return whether it was saved as a parameter or a buffer object} */
  public Role role() {
    return role;
  }

  /** {@return how its integers stand for real numbers, when it is quantized} */
  public Optional<Quantization> quantization() {
    return quantization;
  }

  /** {@return the Python class, when it is no plain tensor, parameter or buffer} */
  public Optional<String> subclass() {
    return subclass;
  }

  /** {@return the Python attributes that it carried} */
  public Optional<PickleValue> state() {
    return state;
  }

  /** {@return why {@link #tensor} would refuse; empty when it would not} */
  public Optional<String> refusal() {
    return switch (data) {
      case Data.Composite c -> Optional.of("it is a tensor of layout " + c.layout());
      case Data.Absent a -> Optional.of("its elements are not in the file (" + a.why() + ")");
      case Data.Given _ -> Optional.empty();
      case Data.Strided _ -> {
        TorchDType type = dtype.orElseThrow();
        if (quantization.isPresent() || type.isQuantized()) {
          yield Optional.of(
              "it is quantized ("
                  + type.torchName()
                  + quantization.map(q -> ", " + q.scheme()).orElse("")
                  + "): its integers are not its values");
        }
        if (type.dtype().isEmpty()) {
          yield Optional.of("its dtype torch." + type.torchName() + " has no counterpart");
        }
        boolean flips = conjugated || negated;
        yield flips
                && !type.dtype().get().isFloat()
                && type.dtype().get().kind() != DType.Kind.COMPLEX
            ? Optional.of("its negation bit makes no sense for torch." + type.torchName())
            : Optional.empty();
      }
    };
  }

  /**
   * {@return the elements: a mapped slice where the window is contiguous, else made region by
   * region}. A {@code float4_e2m1fn_x2} tensor has twice the last dim of PyTorch's shape, which
   * counts pairs.
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_FEATURE} for sparse, nested, quantized,
   *     meta tensors and dtypes without a counterpart
   */
  public Tensor tensor() {
    Optional<String> refusal = refusal();
    if (refusal.isPresent()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "the tensor cannot be used: %s", refusal.get())
          .toException();
    }
    if (data instanceof Data.Given given) {
      return given.tensor;
    }
    Tensor stored = stored();
    return conjugated || negated
        ? LazyBytes.signsFlipped(stored, negated, negated ^ conjugated)
        : stored;
  }

  /**
   * {@return the stored elements as they are: the integers of a quantized tensor, the values before
   * a pending conjugation or negation}
   *
   * @throws IsomorphException {@link ErrorCode#UNSUPPORTED_FEATURE} when it is no window of a
   *     storage, or when packed elements are not contiguous
   */
  public Tensor stored() {
    if (!(data instanceof Data.Strided s) || dtype.flatMap(TorchDType::dtype).isEmpty()) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE, "the tensor has no dense elements of a known type")
          .toException();
    }
    TorchDType type = dtype.get();
    DType elements = type.dtype().get();
    if (!elements.isPacked()) {
      return LazyTensors.strided(s.storage.flat(type), dims, s.strides, s.offset, "strided");
    }
    boolean contiguous =
        isRowMajor(s.strides)
            && (type == TorchDType.FLOAT4_E2M1FN_X2 ? dims.length > 0 : s.offset == 0);
    if (!contiguous) {
      throw Diagnostic.error(
              ErrorCode.UNSUPPORTED_FEATURE,
              "a strided view of packed torch.%s is not supported",
              type.torchName())
          .toException();
    }
    long[] shape = dims.clone();
    if (type == TorchDType.FLOAT4_E2M1FN_X2) {
      shape[shape.length - 1] = Math.multiplyExact(shape[shape.length - 1], 2);
    }
    long bytes = elements.byteSize(Tensor.sizeOf(shape));
    return Tensor.of(
        elements, shape, s.storage.bytes().asSlice(s.offset, bytes), s.storage.owner());
  }

  private boolean isRowMajor(long[] strides) {
    long[] wanted = LazyTensors.rowMajorStrides(dims);
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] > 1 && strides[i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * {@return the tensor under a name, with its storage's identity and its window}
   *
   * @throws IsomorphException as {@link #tensor}
   */
  public NamedTensor named(String name) {
    Tensor tensor = tensor();
    boolean plain =
        data instanceof Data.Strided && !conjugated && !negated && !tensor.dtype().isPacked();
    if (!plain) {
      return NamedTensor.of(name, tensor, this);
    }
    Data.Strided s = (Data.Strided) data;
    NamedTensor.View view =
        new NamedTensor.View(s.storage.flat(dtype.orElseThrow()), s.offset, s.strides);
    return new NamedTensor(name, tensor, s.storage, Optional.of(view));
  }

  @Override
  public void setState(PickleValue newState) {
    state = Optional.of(newState);
  }

  @Override
  public String describe() {
    String type = dtype.map(d -> " of torch." + d.torchName()).orElse("");
    return (role == Role.PARAMETER ? "a parameter" : "a tensor") + type + Arrays.toString(dims);
  }

  @Override
  public String toString() {
    return describe();
  }
}
