package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.PyDict;
import dev.isomorph.importers.python.PyFunction;
import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyIterator;
import dev.isomorph.importers.python.PyList;
import dev.isomorph.importers.python.PyModule;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.PyTuple;
import dev.isomorph.importers.python.Values;
import dev.isomorph.ir.diagnostic.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Calls of ATen's operators as Python makes them: arguments are bound by the schemas, then the
 * operator's rule is applied, or its decomposition in the Python subset.
 */
final class AtenFunctions {
  private static final Map<String, String> ALIASES =
      Map.of("input", "self", "axis", "dim", "keepdims", "keepdim", "x", "self", "a", "self");

  /** They change what a tensor object shows, not what its memory holds. */
  private static final Set<String> RESHAPING =
      Set.of(
          "squeeze_",
          "unsqueeze_",
          "t_",
          "transpose_",
          "swapaxes_",
          "swapdims_",
          "resize_",
          "resize_as_",
          "set_");

  private final TorchTrace trace;

  AtenFunctions(TorchTrace trace) {
    this.trace = trace;
  }

  /** {@return whether there is a rule or a decomposition} */
  boolean has(String name) {
    return AtenRules.find(name) != null
        || decomposition(name).isPresent()
        || functional(name).isPresent();
  }

  /** {@return the operator without the write, for an operator in place} */
  private Optional<String> functional(String name) {
    boolean inPlace = name.endsWith("_") && !name.startsWith("_") && !name.endsWith("__");
    if (!inPlace || RESHAPING.contains(name)) {
      return Optional.empty();
    }
    String base = name.substring(0, name.length() - 1);
    return AtenRules.find(base) != null || decomposition(base).isPresent()
        ? Optional.of(base)
        : Optional.empty();
  }

  private Optional<PyObject> decomposition(String name) {
    return trace
        .in()
        .imports()
        .find("torch._decompositions")
        .map(PyModule::namespace)
        .map((PyDict d) -> d.get(name))
        .filter(PyFunction.class::isInstance);
  }

  /** {@return what an operator gives} */
  PyObject call(String name, Arguments arguments) {
    if (arguments.keywords().get("out") instanceof TensorRef) {
      throw trace.in().unsupported("'out=' of torch.%s is outside the subset", name);
    }
    trace.in().count(10);
    AtenRules.Rule rule = AtenRules.find(name);
    if (rule != null) {
      AtenCall call = bind(name, arguments);
      PyObject result = rule.apply(call);
      call.checkAllRead();
      return result;
    }
    Optional<PyObject> decomposition = decomposition(name);
    if (decomposition.isPresent()) {
      return trace.in().calls().call(decomposition.get(), named(name, arguments));
    }
    Optional<String> functional = functional(name);
    if (functional.isPresent()) {
      return inPlace(functional.get(), arguments);
    }
    throw trace
        .in()
        .unsupported(ErrorCode.UNSUPPORTED_OPERATOR, "no rule is known for aten::%s", name);
  }

  private PyObject inPlace(String base, Arguments arguments) {
    PyObject target =
        arguments.positional().isEmpty()
            ? arguments.keywords().get("input")
            : arguments.positional().getFirst();
    if (!(target instanceof TensorRef self)) {
      throw trace.in().raise("TypeError", "%s_(): the first argument must be a Tensor", base);
    }
    TensorRef result = (TensorRef) call(base, arguments);
    TensorOperators.assign(trace, self, result);
    return self;
  }

  private Arguments named(String name, Arguments arguments) {
    if (arguments.keywords().isEmpty()) {
      return arguments;
    }
    Map<String, PyObject> keywords = new LinkedHashMap<>();
    arguments
        .keywords()
        .forEach(
            (k, v) -> {
              if (!k.equals("device") && !k.equals("out") && !k.equals("generator")) {
                keywords.put(renames(name, k) ? ALIASES.get(k) : k, v);
              }
            });
    return new Arguments(arguments.positional(), keywords);
  }

  private boolean renames(String name, String keyword) {
    String target = ALIASES.get(keyword);
    return target != null
        && AtenSchemas.overloads(name).stream()
            .noneMatch(s -> s.arguments().stream().anyMatch(a -> a.name().equals(keyword)))
        && AtenSchemas.overloads(name).stream()
            .anyMatch(s -> s.arguments().stream().anyMatch(a -> a.name().equals(target)));
  }

  private AtenCall bind(String name, Arguments given) {
    Arguments arguments = named(name, given);
    List<AtenSchema> overloads = AtenSchemas.overloads(name);
    for (boolean packed : new boolean[] {false, true}) {
      for (AtenSchema schema : overloads) {
        Optional<Arguments> tried = packed ? pack(schema, arguments) : Optional.of(arguments);
        Map<String, PyObject> bound = tried.map(a -> bind(schema, a)).orElse(null);
        if (bound != null) {
          return new AtenCall(trace, schema, bound);
        }
      }
    }
    throw noOverload(name, arguments, overloads);
  }

  private RuntimeException noOverload(
      String name, Arguments arguments, List<AtenSchema> overloads) {
    String types =
        arguments.positional().stream().map(v -> describe(v)).collect(Collectors.joining(", "));
    if (!arguments.keywords().isEmpty()) {
      types += " " + arguments.keywords().keySet();
    }
    return trace
        .in()
        .raise(
            "TypeError",
            "torch.%s(): no overload fits (%s); there are %s",
            name,
            types,
            overloads.stream().map(AtenSchema::fullName).toList());
  }

  private String describe(PyObject value) {
    return dev.isomorph.importers.python.Types.of(trace.in(), value).name();
  }

  /**
   * {@return the arguments with single numbers or tensors gathered into the list they stand for}
   */
  private Optional<Arguments> pack(AtenSchema schema, Arguments arguments) {
    List<PyObject> given = arguments.positional();
    for (int i = 0; i < Math.min(schema.arguments().size(), given.size()); i++) {
      AtenSchema.Argument a = schema.arguments().get(i);
      if (a.list() && (a.type().equals("int") || a.type().equals("Tensor"))) {
        List<PyObject> rest = given.subList(i, given.size());
        String type = a.type();
        if (!rest.stream().allMatch(v -> matches(type, v))) {
          return Optional.empty();
        }
        List<PyObject> packed = new ArrayList<>(given.subList(0, i));
        packed.add(new PyTuple(rest));
        return Optional.of(new Arguments(packed, arguments.keywords()));
      }
    }
    return Optional.empty();
  }

  private Map<String, PyObject> bind(AtenSchema schema, Arguments arguments) {
    Map<String, PyObject> bound = new HashMap<>();
    int next = 0;
    int used = 0;
    for (AtenSchema.Argument a : schema.arguments()) {
      PyObject value = null;
      if (!a.keywordOnly() && next < arguments.positional().size()) {
        value = arguments.positional().get(next++);
      } else if (arguments.keywords().containsKey(a.name())) {
        value = arguments.keywords().get(a.name());
        used++;
      } else if (a.name().equals("dims") && arguments.keywords().containsKey("dim")) {
        value = arguments.keywords().get("dim");
        used++;
      }
      if (value == null) {
        value = a.initial();
        if (value == null && a.optional()) {
          value = PyObject.NONE;
        }
        if (value == null) {
          return null;
        }
      } else {
        value = convert(a, value);
        if (value == null) {
          return null;
        }
      }
      bound.put(a.name(), value);
    }
    long ignorable =
        arguments.keywords().keySet().stream()
            .filter(k -> k.equals("out") || k.equals("requires_grad") || k.equals("device"))
            .filter(k -> schema.arguments().stream().noneMatch(a -> a.name().equals(k)))
            .count();
    boolean all =
        next == arguments.positional().size() && used + ignorable == arguments.keywords().size();
    return all ? bound : null;
  }

  /** {@return the value as the parameter takes it, or {@code null}} */
  private PyObject convert(AtenSchema.Argument a, PyObject value) {
    if (value == PyObject.NONE) {
      return a.optional() ? value : null;
    }
    if (!a.list()) {
      return matches(a.type(), value) ? scalarOf(a, value) : null;
    }
    PyObject plain = Values.plain(value);
    if (plain instanceof PyIterator i && a.type().equals("Tensor")) {
      plain = new PyList(trace.in().operators().list(i));
    }
    if (plain instanceof PyList || plain instanceof PyTuple) {
      boolean fits =
          AtenCall.elements(plain).stream()
              .allMatch(e -> matches(a.type(), e) || a.optionalElements() && e == PyObject.NONE);
      return fits ? plain : null;
    }
    return a.size() > 0 && matches(a.type(), plain) ? new PyTuple(List.of(plain)) : null;
  }

  private PyObject scalarOf(AtenSchema.Argument a, PyObject value) {
    boolean number = value instanceof TensorRef && !a.type().equals("Tensor");
    return number ? TensorNumbers.item(trace, (TensorRef) value) : value;
  }

  private boolean matches(String type, PyObject value) {
    return switch (type) {
      case "Tensor" -> value instanceof TensorRef;
      case "int" ->
          Values.isInteger(value) && !(value instanceof PyObject.Bool)
              || value instanceof SymInt
              || isConstantInteger(value);
      case "float" ->
          Values.isInteger(value)
              || Values.plain(value) instanceof PyObject.Float
              || value instanceof SymFloat
              || value instanceof SymInt;
      case "Scalar" ->
          Values.isInteger(value)
              || Values.plain(value) instanceof PyObject.Float
              || value instanceof PyObject.Complex
              || value instanceof SymInt
              || value instanceof SymFloat
              || value instanceof TensorRef t
                  && trace.constant(t.value()).isPresent()
                  && t.rank() == 0;
      case "bool" -> value instanceof PyObject.Bool || Values.isInteger(value);
      case "str" -> value instanceof PyObject.Str;
      case "ScalarType" ->
          value instanceof TorchConstant.ElementType
              || value instanceof dev.isomorph.importers.python.PyClass;
      case "Device" ->
          value instanceof TorchConstant.Device
              || value instanceof PyObject.Str
              || Values.isInteger(value);
      case "Layout", "MemoryFormat" -> value instanceof TorchConstant.Named;
      case "Generator" -> !(value instanceof PyInstance);
      default -> false;
    };
  }

  private boolean isConstantInteger(PyObject value) {
    return value instanceof TensorRef t
        && trace.constant(t.value()).isPresent()
        && t.rank() == 0
        && t.dtype().isInteger();
  }
}
