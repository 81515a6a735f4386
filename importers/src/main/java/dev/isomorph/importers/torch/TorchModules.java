package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.ModuleSources;
import dev.isomorph.importers.python.PyModule;
import dev.isomorph.importers.python.PyNative;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.StandardLibrary;
import dev.isomorph.importers.python.Unavailable;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The modules {@code torch}, {@code torch.nn} and those below them. */
final class TorchModules implements ModuleSources {
  /** Top-level names that no file of the user replaces. */
  static final Set<String> RESERVED = Set.of("torch", "torchvision", "numpy", "einops", "timm");

  private static final String FOLDER = "/dev/isomorph/importers/";
  private static final Set<String> CONSTANTS =
      Set.of(
          "strided",
          "sparse_coo",
          "contiguous_format",
          "channels_last",
          "channels_last_3d",
          "preserve_format");
  private static final Map<String, DType> LEGACY =
      Map.of(
          "FloatTensor", DType.F32,
          "DoubleTensor", DType.F64,
          "HalfTensor", DType.F16,
          "LongTensor", DType.I64,
          "IntTensor", DType.I32,
          "ShortTensor", DType.I16,
          "CharTensor", DType.I8,
          "ByteTensor", DType.U8,
          "BoolTensor", DType.BOOL);
  private static final Map<String, String> PREFIXED =
      Map.of("torch.linalg", "linalg_", "torch.special", "special_", "torch.fft", "fft_");

  private final TorchTrace trace;

  TorchModules(TorchTrace trace) {
    this.trace = trace;
  }

  @Override
  public Optional<Found> find(String module) {
    String top = module.split("\\.", 2)[0];
    return RESERVED.contains(top)
        ? StandardLibrary.resource(TorchModules.class, FOLDER, module)
        : Optional.empty();
  }

  @Override
  public PyObject missing(String module, String name) {
    String space = module.startsWith("torch.nn.modules") ? "torch.nn" : module;
    String qualified = space + "." + name;
    return AtenSchemas.isKnown(qualified) ? new Unavailable(qualified, "") : null;
  }

  @Override
  public Optional<PyModule> builtIn(Interpreter in, String module) {
    return switch (module) {
      case "torch" -> Optional.of(torch(in));
      case "torch._isomorph" -> Optional.of(support());
      case "torch._C" -> Optional.of(new PyModule("torch._C"));
      case "torch._C._nn" -> Optional.of(functions("torch._C._nn", ""));
      case "torch.linalg", "torch.special", "torch.fft" ->
          Optional.of(functions(module, PREFIXED.get(module)));
      default -> Optional.empty();
    };
  }

  private PyModule functions(String name, String prefix) {
    PyModule m = new PyModule(name);
    m.fallback(
        n -> {
          if (trace.functions().has(prefix + n)) {
            return new AtenFunction(trace, prefix + n, null);
          }
          return AtenSchemas.isKnown(name + "." + n) ? new Unavailable(name + "." + n, "") : null;
        });
    return m;
  }

  private PyModule torch(Interpreter in) {
    PyModule m = new PyModule("torch");
    ElementTypes.byName().forEach((name, type) -> m.namespace().put(name, type));
    CONSTANTS.forEach(name -> m.namespace().put(name, new TorchConstant.Named(name)));
    m.namespace().put("Tensor", TorchTypes.TENSOR);
    m.namespace().put("Size", TorchTypes.SIZE);
    m.namespace().put("dtype", TorchTypes.DTYPE);
    m.namespace().put("device", TorchTypes.DEVICE);
    m.namespace().put("__version__", PyObject.of("2.9.0"));
    m.namespace().put("inf", PyObject.of(Double.POSITIVE_INFINITY));
    m.namespace().put("nan", PyObject.of(Double.NaN));
    m.namespace().put("pi", PyObject.of(Math.PI));
    m.namespace().put("e", PyObject.of(Math.E));
    m.namespace().put("newaxis", PyObject.NONE);
    m.namespace()
        .put(
            "tensor",
            PyNative.of(
                "tensor",
                "data, *, dtype=None, device=None, requires_grad=False, pin_memory=False",
                (i, a) -> AtenCreation.tensorOf(trace, a[0], type(i, a[1]))));
    m.namespace()
        .put(
            "as_tensor",
            PyNative.of(
                "as_tensor",
                "data, dtype=None, device=None",
                (i, a) ->
                    a[0] instanceof TensorRef t && a[1] == PyObject.NONE
                        ? t
                        : AtenCreation.tensorOf(trace, a[0], type(i, a[1]))));
    m.namespace()
        .put(
            "is_tensor",
            PyNative.of("is_tensor", "obj", (_, a) -> PyObject.of(a[0] instanceof TensorRef)));
    m.namespace()
        .put(
            "numel",
            PyNative.of(
                "numel", "input", (_, a) -> trace.tensorAttributes().numel((TensorRef) a[0])));
    LEGACY.forEach((name, type) -> m.namespace().put(name, legacy(name, type)));
    m.fallback(name -> fallback(in, name));
    return m;
  }

  private static DType type(Interpreter in, PyObject given) {
    return given == PyObject.NONE ? null : TensorAttributes.elementType(in, given);
  }

  private PyNative legacy(String name, DType type) {
    return PyNative.of(
        name, "*args", (in, a) -> construct(trace, ((PyTuple) a[0]).elements(), type));
  }

  /** {@return {@code torch.Tensor(…)}: of sizes, or of data} */
  static PyObject construct(TorchTrace trace, List<PyObject> given, DType type) {
    boolean sizes = given.stream().allMatch(v -> Values.isInteger(v) || v instanceof SymInt);
    if (given.size() == 1 && !sizes) {
      return AtenCreation.tensorOf(trace, given.getFirst(), type);
    }
    return AtenCreation.made(
        trace, given.isEmpty() ? List.of(PyObject.of(0)) : given, PyObject.of(0), type);
  }

  private PyObject fallback(Interpreter in, String name) {
    Optional<PyModule> written = in.imports().find("torch._functions");
    PyObject own = written.map(w -> w.namespace().get(name)).orElse(null);
    if (own != null && !name.startsWith("__")) {
      return own;
    }
    if (!name.startsWith("__") && trace.functions().has(name)) {
      return new AtenFunction(trace, name, null);
    }
    if (AtenSchemas.isKnown("torch." + name)
        && find("torch." + name).isEmpty()
        && builtInName(name)) {
      return new Unavailable("torch." + name, "");
    }
    return null;
  }

  private static boolean builtInName(String name) {
    return !PREFIXED.containsKey("torch." + name) && !name.equals("_C");
  }

  /** What the resources need of the trace. */
  private PyModule support() {
    PyModule m = new PyModule("torch._isomorph");
    m.namespace()
        .put(
            "enter",
            PyNative.of(
                "enter",
                "path",
                (_, a) -> {
                  trace.enterModule(a[0] instanceof PyObject.Str s ? s.value() : "");
                  return PyObject.NONE;
                }));
    m.namespace()
        .put(
            "leave",
            PyNative.of(
                "leave",
                "",
                (_, _) -> {
                  trace.leaveModule();
                  return PyObject.NONE;
                }));
    m.namespace()
        .put(
            "refuse",
            PyNative.of(
                "refuse",
                "what",
                (in, a) -> {
                  throw in.unsupported("%s is outside the subset", Values.string(in, a[0]));
                }));
    m.namespace()
        .put(
            "device", PyNative.of("device", "kind, index=None", (in, a) -> device(in, a[0], a[1])));
    m.namespace().put("Parameter", TorchTypes.PARAMETER);
    m.namespace().put("checkpoint", new OtherWeights());
    return m;
  }

  static PyObject device(Interpreter in, PyObject kind, PyObject index) {
    if (kind instanceof TorchConstant.Device d) {
      return d;
    }
    if (Values.isInteger(kind)) {
      return new TorchConstant.Device("cuda", Values.longValue(in, kind));
    }
    String[] parts = Values.string(in, kind).split(":", 2);
    long number =
        parts.length > 1
            ? Long.parseLong(parts[1])
            : index == PyObject.NONE ? -1 : Values.longValue(in, index);
    return new TorchConstant.Device(parts[0], number);
  }
}
