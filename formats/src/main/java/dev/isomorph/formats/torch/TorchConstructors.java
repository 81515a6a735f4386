package dev.isomorph.formats.torch;

import dev.isomorph.formats.numpy.NumpyArray;
import dev.isomorph.formats.pickle.Call;
import dev.isomorph.formats.pickle.Constructor;
import dev.isomorph.formats.pickle.DictValue;
import dev.isomorph.formats.pickle.GlobalValue;
import dev.isomorph.formats.pickle.ListValue;
import dev.isomorph.formats.pickle.PickleValue;
import dev.isomorph.formats.pickle.TupleValue;
import dev.isomorph.formats.torch.TensorRef.Data;
import dev.isomorph.formats.torch.TensorRef.Role;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.diagnostic.Limits;
import dev.isomorph.ir.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PyTorch's part of the closed list: the functions of {@code torch._utils} that rebuild tensors,
 * and small types.
 */
final class TorchConstructors {
  private final Limits limits;
  private final Map<String, Constructor> all = new HashMap<>();

  private TorchConstructors(Limits limits) {
    this.limits = limits;
    String utils = "torch._utils.";
    all.put(utils + "_rebuild_tensor", call -> strided(call, 4, Optional.empty()));
    all.put(utils + "_rebuild_tensor_v2", this::tensorV2);
    all.put(utils + "_rebuild_tensor_v3", this::tensorV3);
    all.put(utils + "_rebuild_parameter", call -> parameter(call, 3));
    all.put(utils + "_rebuild_parameter_with_state", this::parameterWithState);
    all.put(utils + "_rebuild_qtensor", this::quantized);
    all.put(utils + "_rebuild_sparse_tensor", this::sparse);
    all.put(utils + "_rebuild_sparse_csr_tensor", this::sparse);
    all.put(utils + "_rebuild_nested_tensor", TorchConstructors::nested);
    all.put(utils + "_rebuild_meta_tensor_no_storage", TorchConstructors::meta);
    all.put(utils + "_rebuild_device_tensor_from_cpu_tensor", TorchConstructors::fromCpu);
    all.put(utils + "_rebuild_device_tensor_from_numpy", TorchConstructors::fromNumpy);
    all.put(utils + "_rebuild_xla_tensor", TorchConstructors::fromNumpy);
    all.put(utils + "_rebuild_wrapper_subclass", TorchConstructors::wrapper);
    all.put("torch._tensor._rebuild_from_type", this::fromType);
    all.put("torch._tensor._rebuild_from_type_v2", this::fromType);
    all.put("torch.tensor._rebuild_from_type_v2", this::fromType);
    all.put("torch.nn.parameter.Parameter", call -> parameter(call, 2));
    all.put("torch.Size", TorchConstructors::size);
    all.put("torch.device", TorchConstructors::device);
    all.put("torch.serialization._get_layout", call -> new TorchValue.Layout(call.string(0)));
    for (String kind : List.of("int", "double", "bool", "tensor")) {
      all.put("torch.jit._pickle.build_" + kind + "list", TorchConstructors::list);
    }
    all.put("torch.jit._pickle.restore_type_tag", call -> call.value(0));
  }

  static Map<String, Constructor> all(Limits limits) {
    return Map.copyOf(new TorchConstructors(limits).all);
  }

  /** {@return globals that are values: the dtypes} */
  static Map<String, PickleValue> constants() {
    Map<String, PickleValue> constants = new HashMap<>();
    Arrays.stream(TorchDType.values()).forEach(t -> constants.put("torch." + t.torchName(), t));
    return constants;
  }

  private TensorRef tensorV2(Call call) {
    return signs(call, 6, strided(call, 5, Optional.empty()));
  }

  private TensorRef tensorV3(Call call) {
    return signs(call, 7, strided(call, 5, Optional.of(dtype(call, 6))));
  }

  private TensorRef strided(Call call, int gradAt, Optional<TorchDType> given) {
    StorageView view = call.value(0, StorageView.class, "a storage");
    StorageRef storage = view.storage();
    TorchDType type =
        given
            .or(storage::dtype)
            .orElseThrow(() -> call.wrong(0, "a storage with a dtype", call.value(0)));
    boolean grad = gradAt == 5 && call.bool(4);
    long[] dims = sizes(call, call.value(2));
    long[] strides = call.integers(3);
    Data.Strided data = window(call, view, type, call.integer(1), dims, strides);
    return TensorRef.of(Optional.of(type), dims, data, grad);
  }

  private Data.Strided window(
      Call call, StorageView view, TorchDType type, long offset, long[] dims, long[] strides) {
    boolean fits = dims.length == strides.length && offset >= 0;
    for (int i = 0; fits && i < dims.length; i++) {
      fits = dims[i] >= 0 && strides[i] >= 0;
    }
    long capacity = view.capacity(type);
    try {
      long size = fits ? Tensor.sizeOf(dims) : 0;
      long last = offset;
      for (int i = 0; fits && size > 0 && i < dims.length; i++) {
        last = Math.addExact(last, Math.multiplyExact(dims[i] - 1, strides[i]));
      }
      boolean packed = type == TorchDType.QUINT4X2 || type == TorchDType.QUINT2X4;
      long elements =
          packed ? Math.multiplyExact(capacity, type == TorchDType.QUINT4X2 ? 2 : 4) : capacity;
      if (fits && (size == 0 ? offset <= elements : last < elements)) {
        if (size > elements) {
          Limits.check("the number of elements of an expanded tensor", size, limits.elements());
        }
        return new Data.Strided(view.storage(), Math.addExact(offset, view.offset()), strides);
      }
    } catch (ArithmeticException _) {
      // Falls through: a product beyond 63 bits lies outside every storage.
    }
    throw Diagnostic.error(ErrorCode.FORMAT_INVALID, "a tensor reaches outside of its storage")
        .at(call.offset())
        .expected(
            "a window of " + capacity + " elements",
            "shape "
                + Arrays.toString(dims)
                + ", strides "
                + Arrays.toString(strides)
                + ", offset "
                + offset)
        .toException();
  }

  private static TensorRef signs(Call call, int at, TensorRef tensor) {
    if (call.size() <= at || !(call.value(at) instanceof DictValue metadata)) {
      return tensor;
    }
    return tensor.withSigns(isTrue(metadata, "conj"), isTrue(metadata, "neg"));
  }

  private static boolean isTrue(DictValue metadata, String key) {
    return metadata.get(key).filter(new PickleValue.Bool(true)::equals).isPresent();
  }

  private static TorchDType dtype(Call call, int at) {
    return call.value(at, TorchDType.class, "a torch.dtype");
  }

  private static TensorRef parameter(Call call, int most) {
    call.requireSize(1, most);
    TensorRef tensor = call.value(0, TensorRef.class, "a tensor");
    return tensor.withRole(Role.PARAMETER, call.size() < 2 || call.bool(1));
  }

  private PickleValue parameterWithState(Call call) {
    call.requireSize(4, 4);
    TensorRef tensor = call.value(0, TensorRef.class, "a tensor");
    return tensor
        .withRole(Role.PARAMETER, call.bool(1))
        .withType(Optional.empty(), Role.PARAMETER, Optional.of(call.value(3)));
  }

  private TensorRef quantized(Call call) {
    call.requireSize(7, 7);
    List<PickleValue> parameters =
        Call.items(call.value(4))
            .filter(p -> !p.isEmpty() && p.getFirst() instanceof GlobalValue)
            .orElseThrow(() -> call.wrong(4, "a quantizer", call.value(4)));
    String scheme = ((GlobalValue) parameters.getFirst()).name();
    StorageView view = call.value(0, StorageView.class, "a storage");
    TorchDType type =
        view.storage()
            .dtype()
            .filter(TorchDType::isQuantized)
            .orElseThrow(() -> call.wrong(0, "a storage of a quantized dtype", call.value(0)));
    long[] dims = sizes(call, call.value(2));
    Data.Strided data = window(call, view, type, call.integer(1), dims, call.integers(3));
    return TensorRef.of(Optional.of(type), dims, data, call.bool(5))
        .withQuantization(
            new TensorRef.Quantization(scheme, parameters.subList(1, parameters.size())));
  }

  private PickleValue sparse(Call call) {
    if (call.size() == 6) {
      // TorchScript's own writer: (layout number, size, requires_grad, indices, values, hooks).
      List<PickleValue> parts = List.of(call.value(3), call.value(4));
      return composite("torch.sparse_coo", sizes(call, call.value(1)), parts, call.bool(2));
    }
    call.requireSize(2, 2);
    String layout =
        call.value(0) instanceof TorchValue.Layout l ? l.name() : call.value(0).describe();
    List<PickleValue> parts =
        Call.items(call.value(1))
            .filter(p -> p.size() >= 3)
            .orElseThrow(() -> call.wrong(1, "indices, values and a size", call.value(1)));
    int sizeAt = layout.equals("torch.sparse_coo") || parts.size() == 3 ? 2 : 3;
    return composite(layout, sizes(call, parts.get(sizeAt)), parts, false);
  }

  private static long[] sizes(Call call, PickleValue value) {
    PickleValue plain = value instanceof TorchValue.Size s ? s.dims() : value;
    return checked(call, new Call(call.name(), List.of(plain), call.offset()).integers(0));
  }

  private static TensorRef composite(
      String layout, long[] dims, List<PickleValue> parts, boolean grad) {
    Optional<TorchDType> type =
        parts.stream()
            .filter(TensorRef.class::isInstance)
            .reduce((_, last) -> last)
            .flatMap(t -> ((TensorRef) t).dtype());
    return TensorRef.of(type, dims, new Data.Composite(layout, parts), grad);
  }

  private static TensorRef nested(Call call) {
    call.requireSize(4, 4);
    return composite("nested", new long[0], call.arguments(), false);
  }

  private static TensorRef meta(Call call) {
    call.requireSize(4, 4);
    return TensorRef.of(
        Optional.of(dtype(call, 0)),
        sizes(call, call.value(1)),
        new Data.Absent("meta device"),
        call.bool(3));
  }

  private static TensorRef wrapper(Call call) {
    call.requireSize(8, 8);
    String type = call.value(0).describe();
    return TensorRef.of(
        Optional.of(dtype(call, 1)),
        sizes(call, call.value(2)),
        new Data.Absent(type),
        call.bool(7));
  }

  private static long[] checked(Call call, long[] dims) {
    try {
      Tensor.sizeOf(dims);
      return dims;
    } catch (IllegalArgumentException | ArithmeticException _) {
      throw Diagnostic.error(
              ErrorCode.FORMAT_INVALID, "the shape %s is impossible", Arrays.toString(dims))
          .at(call.offset())
          .toException();
    }
  }

  private static TensorRef fromCpu(Call call) {
    call.requireSize(4, 4);
    TensorRef tensor = call.value(0, TensorRef.class, "a tensor");
    return tensor.withRole(tensor.role(), call.bool(3));
  }

  private static TensorRef fromNumpy(Call call) {
    call.requireSize(4, 4);
    NumpyArray array = call.value(0, NumpyArray.class, "a NumPy array");
    Tensor tensor = array.tensor();
    return TensorRef.of(
        TorchDType.of(tensor.dtype()), tensor.dims(), new Data.Given(tensor), call.bool(3));
  }

  /**
   * {@code _rebuild_from_type_v2(function, class, arguments, state)}: a tensor with Python
   * attributes.
   */
  private PickleValue fromType(Call call) {
    call.requireSize(4, 4);
    GlobalValue function = call.value(0, GlobalValue.class, "a rebuild function");
    TupleValue arguments = call.value(2, TupleValue.class, "a tuple of arguments");
    Constructor rebuild = all.get(function.qualifiedName());
    boolean known =
        rebuild != null
            && function.name().startsWith("_rebuild_")
            && !function.name().contains("from_type");
    if (!known) {
      throw Diagnostic.error(
              ErrorCode.UNSAFE_OBJECT, "a tensor wants to be rebuilt by %s", function.describe())
          .at(call.offset())
          .expected("one of PyTorch's own rebuild functions", function.qualifiedName())
          .toException();
    }
    PickleValue made =
        rebuild.construct(new Call(function.qualifiedName(), arguments.items(), call.offset()));
    if (!(made instanceof TensorRef tensor)) {
      throw call.wrong(0, "a function that rebuilds a tensor", function);
    }
    String type =
        call.value(1) instanceof GlobalValue g ? g.qualifiedName() : call.value(1).describe();
    // Buffer objects are plain tensors that carry a mark.
    boolean marked = call.value(3) instanceof DictValue state && isTrue(state, "_is_buffer");
    Role role =
        switch (type) {
          case "torch.nn.parameter.Parameter" -> Role.PARAMETER;
          case "torch.nn.parameter.Buffer" -> Role.BUFFER;
          default -> marked ? Role.BUFFER : tensor.role();
        };
    boolean plain = type.equals("torch.Tensor") || type.startsWith("torch.nn.parameter.");
    return tensor.withType(
        plain ? Optional.empty() : Optional.of(type), role, Optional.of(call.value(3)));
  }

  private static PickleValue size(Call call) {
    call.requireSize(0, 1);
    List<PickleValue> dims = new ArrayList<>();
    if (call.size() == 1) {
      Arrays.stream(call.integers(0)).forEach(d -> dims.add(PickleValue.Int.of(d)));
    }
    return new TorchValue.Size(new TupleValue(dims));
  }

  private static PickleValue device(Call call) {
    call.requireSize(1, 2);
    return new TorchValue.Device(call.string(0) + (call.size() == 2 ? ":" + call.integer(1) : ""));
  }

  private static PickleValue list(Call call) {
    call.requireSize(1, 1);
    PickleValue value = call.value(0);
    return new ListValue(Call.items(value).orElseThrow(() -> call.wrong(0, "a list", value)));
  }
}
