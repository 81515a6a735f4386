package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyNative;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Types;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Attributes and methods of tensors: Python's own first, then ATen's operators by name. */
final class TensorAttributes {
  private static final Set<String> SELF_METHODS =
      Set.of(
          "cpu",
          "cuda",
          "detach_",
          "requires_grad_",
          "pin_memory",
          "coalesce",
          "rename",
          "refine_names",
          "retain_grad",
          "share_memory_",
          "resolve_conj");
  private static final Map<String, DType> CASTS =
      Map.ofEntries(
          Map.entry("float", DType.F32),
          Map.entry("double", DType.F64),
          Map.entry("half", DType.F16),
          Map.entry("bfloat16", DType.BF16),
          Map.entry("long", DType.I64),
          Map.entry("int", DType.I32),
          Map.entry("short", DType.I16),
          Map.entry("char", DType.I8),
          Map.entry("byte", DType.U8),
          Map.entry("bool", DType.BOOL));

  private final TorchTrace trace;

  TensorAttributes(TorchTrace trace) {
    this.trace = trace;
  }

  PyObject get(TensorRef t, String name) {
    PyObject property = property(t, name);
    if (property != null) {
      return property;
    }
    if (SELF_METHODS.contains(name)) {
      return method(name, "*args, **kwargs", _ -> t);
    }
    if (CASTS.containsKey(name)) {
      return method(name, "memory_format=None", _ -> cast(t, CASTS.get(name)));
    }
    PyObject own = own(t, name);
    if (own != null) {
      return own;
    }
    if (trace.functions().has(name)) {
      return new AtenFunction(trace, name, t);
    }
    if (AtenSchemas.isKnown("torch.Tensor." + name) && !name.startsWith("__")) {
      return new dev.isomorph.importers.python.Unavailable("torch.Tensor." + name, "");
    }
    return null;
  }

  private TensorRef contiguous(TensorRef t) {
    return t.isContiguous() ? t : trace.tensor(t.value());
  }

  TensorRef cast(TensorRef t, DType type) {
    return t.dtype() == type ? t : trace.tensor(trace.cast(t.value(), type));
  }

  private PyObject property(TensorRef t, String name) {
    return switch (name) {
      case "shape" -> t.sizes();
      case "dtype" -> ElementTypes.of(t.dtype());
      case "device" -> new TorchConstant.Device("cpu", -1);
      case "ndim" -> PyObject.of(t.rank());
      case "layout" -> new TorchConstant.Named("strided");
      case "data" -> t.alias();
      case "grad", "grad_fn", "_base" -> PyObject.NONE;
      case "requires_grad" -> PyObject.of(t.isParameter());
      case "is_cuda", "is_quantized", "is_sparse", "is_mps", "is_meta", "is_nested", "is_leaf" ->
          PyObject.FALSE;
      case "T" -> reversed(t);
      case "mT", "mH", "H" -> trace.aten("transpose", t, PyObject.of(-2), PyObject.of(-1));
      case "real" -> t.dtype().kind() == DType.Kind.COMPLEX ? null : t;
      case "itemsize" -> PyObject.of(t.dtype().bits() / 8);
      case "__class__" -> t.type(trace.in());
      default -> null;
    };
  }

  private PyObject reversed(TensorRef t) {
    long[] perm = new long[t.rank()];
    for (int i = 0; i < perm.length; i++) {
      perm[i] = perm.length - 1 - i;
    }
    return Views.permute(trace, t, perm);
  }

  private static PyObject method(String name, String parameters, Function<PyObject[], PyObject> f) {
    return PyNative.of(name, parameters, (_, a) -> f.apply(a));
  }

  private PyObject own(TensorRef t, String name) {
    return switch (name) {
      case "size" ->
          method(
              name,
              "dim=None",
              a ->
                  a[0] == PyObject.NONE
                      ? t.sizes()
                      : t.size(axis(Values.longValue(trace.in(), a[0]), t.rank())));
      case "dim", "ndimension" -> method(name, "", _ -> PyObject.of(t.rank()));
      case "numel", "nelement" -> method(name, "", _ -> numel(t));
      case "element_size" -> method(name, "", _ -> PyObject.of(t.dtype().bits() / 8));
      case "item" -> method(name, "", _ -> TensorNumbers.item(trace, t));
      case "tolist" -> method(name, "", _ -> TensorNumbers.toList(trace, t));
      case "to" -> method(name, "*args, **kwargs", a -> to(t, ((PyTuple) a[0]).elements(), a[1]));
      case "type" ->
          method(
              name,
              "dtype=None, non_blocking=False",
              a ->
                  a[0] == PyObject.NONE
                      ? PyObject.of(typeName(t.dtype()))
                      : cast(t, elementType(trace.in(), a[0])));
      case "type_as" -> method(name, "other", a -> cast(t, ((TensorRef) a[0]).dtype()));
      case "view_as" ->
          method(name, "other", a -> trace.aten("view", t, ((TensorRef) a[0]).sizes()));
      case "reshape_as" ->
          method(name, "other", a -> trace.aten("reshape", t, ((TensorRef) a[0]).sizes()));
      case "expand_as" ->
          method(name, "other", a -> trace.aten("expand", t, ((TensorRef) a[0]).sizes()));
      case "detach" -> method(name, "", _ -> t.alias());
      case "contiguous" -> method(name, "*args, **kwargs", _ -> contiguous(t));
      case "clone" -> method(name, "*, memory_format=None", _ -> trace.tensor(t.value()));
      case "is_contiguous" -> method(name, "*args, **kwargs", _ -> PyObject.of(t.isContiguous()));
      case "is_floating_point" -> method(name, "", _ -> PyObject.of(t.dtype().isFloat()));
      case "is_complex" ->
          method(name, "", _ -> PyObject.of(t.dtype().kind() == DType.Kind.COMPLEX));
      case "get_device" -> method(name, "", _ -> PyObject.of(-1));
      case "data_ptr" -> method(name, "", _ -> PyObject.of(System.identityHashCode(t.root())));
      case "new" -> method(name, "*size", a -> created(t, "empty", ((PyTuple) a[0]).elements()));
      case "new_zeros", "new_ones", "new_empty" ->
          method(
              name,
              "*size, dtype=None, device=None, requires_grad=False, **kwargs",
              a -> created(t, name.substring(4), ((PyTuple) a[0]).elements(), a[1]));
      case "new_full" ->
          method(
              name,
              "size, fill_value, dtype=None, device=None, requires_grad=False",
              a ->
                  trace
                      .functions()
                      .call(
                          "full",
                          new Arguments(List.of(a[0], a[1]), Map.of("dtype", typeOr(a[2], t)))));
      case "new_tensor" ->
          method(
              name,
              "data, dtype=None, device=None, requires_grad=False",
              a ->
                  AtenCreation.tensorOf(
                      trace,
                      a[0],
                      a[1] == PyObject.NONE ? t.dtype() : elementType(trace.in(), a[1])));
      case "__len__" -> method(name, "", _ -> PyObject.of(t.length(trace.in())));
      case "stride" -> throw trace.in().unsupported("Tensor.stride() is outside the subset");
      default -> null;
    };
  }

  private int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw trace
          .in()
          .raise(
              "IndexError",
              "Dimension out of range (expected to be in range of [%d, %d], but got %d)",
              -rank,
              rank - 1,
              axis);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  private PyObject typeOr(PyObject given, TensorRef t) {
    return given == PyObject.NONE ? ElementTypes.of(t.dtype()) : given;
  }

  private PyObject created(TensorRef t, String function, List<PyObject> size) {
    return created(t, function, size, PyObject.NONE);
  }

  private PyObject created(TensorRef t, String function, List<PyObject> size, PyObject dtype) {
    List<PyObject> dims =
        size.size() == 1
                && !Values.isInteger(size.getFirst())
                && !(size.getFirst() instanceof SymInt)
            ? AtenCall.elements(size.getFirst())
            : size;
    return trace
        .functions()
        .call(
            function, new Arguments(List.of(new PyTuple(dims)), Map.of("dtype", typeOr(dtype, t))));
  }

  PyObject numel(TensorRef t) {
    PyObject product = PyObject.of(1);
    for (int i = 0; i < t.rank(); i++) {
      product = trace.in().operators().binary("*", product, t.size(i));
    }
    return product;
  }

  private PyObject to(TensorRef t, List<PyObject> positional, PyObject keywords) {
    List<PyObject> given = new ArrayList<>(positional);
    dev.isomorph.importers.python.PyDict named = (dev.isomorph.importers.python.PyDict) keywords;
    for (String key : List.of("dtype", "other")) {
      if (named.get(key) != null) {
        given.add(named.get(key));
      }
    }
    DType type = null;
    for (PyObject p : given) {
      switch (p) {
        case TorchConstant.ElementType e -> type = e.dtype();
        case TensorRef other -> type = other.dtype();
        case PyClass c -> type = elementType(trace.in(), c);
        default -> {}
      }
    }
    return type == null ? t : cast(t, type);
  }

  private static String typeName(DType type) {
    return switch (type) {
      case F32 -> "torch.FloatTensor";
      case F64 -> "torch.DoubleTensor";
      case F16 -> "torch.HalfTensor";
      case BF16 -> "torch.BFloat16Tensor";
      case I64 -> "torch.LongTensor";
      case I32 -> "torch.IntTensor";
      case I16 -> "torch.ShortTensor";
      case I8 -> "torch.CharTensor";
      case U8 -> "torch.ByteTensor";
      default -> "torch.BoolTensor";
    };
  }

  /** {@return the element type that a value names} */
  static DType elementType(Interpreter in, PyObject value) {
    return switch (value) {
      case TorchConstant.ElementType e -> e.dtype();
      case PyClass c when c == Types.FLOAT -> DType.F64;
      case PyClass c when c == Types.INT -> DType.I64;
      case PyClass c when c == Types.BOOL -> DType.BOOL;
      case PyObject.Str s -> ofTypeName(in, s.value());
      case AtenFunction f when f.legacyType() != null -> f.legacyType();
      case PyObject v -> throw in.raise("TypeError", "%s is no dtype", in.text().repr(v));
    };
  }

  private static DType ofTypeName(Interpreter in, String name) {
    for (DType type : DType.values()) {
      if (typeName(type).equals(name) && (type != DType.STRING)) {
        return type;
      }
    }
    throw in.raise("ValueError", "invalid type: '%s'", name);
  }
}
