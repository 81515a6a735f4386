package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.PyInstance;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Values;
import dev.isomorph.importers.python.syntax.Expr;
import dev.isomorph.importers.python.syntax.Parameters;
import dev.isomorph.ir.ValueType;
import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.shape.Dim;
import dev.isomorph.ir.shape.Shape;
import dev.isomorph.ir.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Types of {@code forward}'s parameters: given, else what the first layer forces. */
final class InputTypes {
  private final TorchSource request;
  private final TorchTrace trace;
  private final ModuleTree tree;

  InputTypes(TorchSource request, TorchTrace trace, ModuleTree tree) {
    this.request = request;
    this.trace = trace;
    this.tree = tree;
  }

  SequencedMap<String, ValueType> of(List<Parameters.Parameter> parameters) {
    Map<String, ValueType> given = request.inputs();
    List<String> names = parameters.stream().map(Parameters.Parameter::name).toList();
    List<String> places =
        parameters.stream()
            .filter(
                p ->
                    p.kind() == Parameters.Kind.EITHER
                        || p.kind() == Parameters.Kind.POSITIONAL_ONLY
                        || p.kind() == Parameters.Kind.KEYWORD_ONLY)
            .map(Parameters.Parameter::name)
            .toList();
    SequencedMap<String, ValueType> types = new LinkedHashMap<>();
    if (!given.isEmpty() && names.containsAll(given.keySet())) {
      places.stream().filter(given::containsKey).forEach(n -> types.put(n, given.get(n)));
    } else if (!given.isEmpty()) {
      if (given.size() > places.size()) {
        throw Diagnostic.error(
                ErrorCode.USAGE,
                "%d inputs are given, but forward takes %d: %s",
                given.size(),
                places.size(),
                String.join(", ", places))
            .inFile(request.file().toString())
            .toException();
      }
      int i = 0;
      for (ValueType type : given.values()) {
        types.put(places.get(i++), type);
      }
    }
    parameters.stream()
        .filter(p -> places.contains(p.name()) && !types.containsKey(p.name()))
        .forEach(p -> annotated(p).ifPresent(type -> types.put(p.name(), type)));
    List<Parameters.Parameter> missing =
        parameters.stream()
            .filter(p -> places.contains(p.name()) && p.initial() == null)
            .filter(p -> !types.containsKey(p.name()))
            .toList();
    if (missing.size() == 1 && types.isEmpty()) {
      String name = missing.getFirst().name();
      ValueType forced = forced().orElseThrow(() -> needed(missing));
      types.put(name, forced);
      String sentence =
          "input '" + name + "' is taken to be " + forced + ", as the first layer needs";
      trace.assume(sentence);
      request
          .diagnostics()
          .accept(
              Diagnostic.note(ErrorCode.USAGE_SHAPE_NEEDED, "%s", sentence)
                  .inFile(request.file().toString())
                  .help("say otherwise with --input " + name + "=DTYPE[DIMS]"));
    } else if (!missing.isEmpty()) {
      throw needed(missing);
    }
    return types;
  }

  /** {@return the type of an annotation such as {@code "f32[N,3,224,224]"}} */
  private static Optional<ValueType> annotated(Parameters.Parameter parameter) {
    if (!(parameter.annotation() instanceof Expr.Constant(_, Expr.StringLiteral(String text)))) {
      return Optional.empty();
    }
    try {
      return Optional.of(ValueType.parse(text));
    } catch (IllegalArgumentException e) {
      // Any other text is an annotation for other tools.
      return Optional.empty();
    }
  }

  private RuntimeException needed(List<Parameters.Parameter> missing) {
    List<String> names = missing.stream().map(Parameters.Parameter::name).toList();
    return Diagnostic.error(
            ErrorCode.USAGE_SHAPE_NEEDED,
            "the shape of %s is not known from the source",
            "'" + String.join("', '", names) + "'")
        .inFile(request.file().toString())
        .help(
            "add "
                + String.join(" ", names.stream().map(n -> "--input " + n + "=f32[N,…]").toList()))
        .toException();
  }

  private Optional<ValueType> forced() {
    for (ModuleTree.Child child : tree.modules()) {
      Optional<ValueType> type = forced(child.module());
      if (type.isPresent()) {
        return type;
      }
    }
    return Optional.empty();
  }

  private Optional<ValueType> forced(PyInstance module) {
    List<String> kinds = module.type().order().stream().map(c -> c.name()).toList();
    DType type = weightType(module);
    for (int axes = 1; axes <= 3; axes++) {
      boolean convolution =
          kinds.contains("Conv" + axes + "d") || kinds.contains("ConvTranspose" + axes + "d");
      if (convolution) {
        List<Dim> dims = new ArrayList<>(List.of(Dim.symbol("N"), number(module, "in_channels")));
        String names = axes == 1 ? "L" : axes == 2 ? "HW" : "DHW";
        names.chars().forEach(c -> dims.add(Dim.symbol(Character.toString(c))));
        return Optional.of(ValueType.tensor(type, Shape.of(dims)));
      }
    }
    if (kinds.contains("Linear")) {
      return Optional.of(
          ValueType.tensor(type, Shape.of(Dim.symbol("N"), number(module, "in_features"))));
    }
    if (kinds.contains("Embedding")) {
      return Optional.of(ValueType.tensor(DType.I64, Shape.of(Dim.symbol("N"), Dim.symbol("L"))));
    }
    return Optional.empty();
  }

  private static DType weightType(PyInstance module) {
    return held(module) instanceof TensorRef t ? t.dtype() : DType.F32;
  }

  private static PyObject held(PyInstance module) {
    return module.attributes().get("_parameters") instanceof dev.isomorph.importers.python.PyDict d
        ? d.get("weight")
        : null;
  }

  private Dim number(PyInstance module, String name) {
    return Dim.of(Values.longValue(trace.in(), module.attributes().get(name)));
  }
}
