package dev.isomorph.importers.python;

/** Attributes of built-in values that are no methods. */
final class BuiltInAttributes {
  private BuiltInAttributes() {}

  /** {@return the attribute, or {@code null}} */
  static PyObject of(Interpreter in, PyObject object, String name) {
    return switch (object) {
      case PyObject.Complex c ->
          switch (name) {
            case "real" -> PyObject.of(c.real());
            case "imag" -> PyObject.of(c.imaginary());
            default -> null;
          };
      case PyObject.Int _, PyObject.Bool _ ->
          switch (name) {
            case "real", "numerator" -> new PyObject.Int(Values.integer(in, object));
            case "imag" -> PyObject.of(0);
            case "denominator" -> PyObject.of(1);
            default -> null;
          };
      case PyObject.Float f ->
          switch (name) {
            case "real" -> f;
            case "imag" -> PyObject.of(0.0);
            default -> null;
          };
      case PyObject.Slice s ->
          switch (name) {
            case "start" -> s.start();
            case "stop" -> s.stop();
            case "step" -> s.step();
            default -> null;
          };
      case PyObject.Range r ->
          switch (name) {
            case "start" -> new PyObject.Int(r.start());
            case "stop" -> new PyObject.Int(r.stop());
            case "step" -> new PyObject.Int(r.step());
            default -> null;
          };
      case PyFunction f -> {
        PyObject own = f.attributes().get(name);
        yield own != null
            ? own
            : switch (name) {
              case "__name__", "__qualname__" -> PyObject.of(f.name());
              case "__doc__" -> PyObject.NONE;
              case "__module__" -> f.closure().module.variables.get("__name__");
              case "__dict__" -> f.attributes();
              case "__wrapped__" -> null;
              default -> null;
            };
      }
      case PyNative f ->
          switch (name) {
            case "__name__", "__qualname__" -> PyObject.of(f.name());
            case "__doc__" -> PyObject.NONE;
            case "__module__" -> PyObject.of("builtins");
            default -> null;
          };
      case PyObject.Method m ->
          switch (name) {
            case "__self__" -> m.receiver();
            case "__func__" -> m.function();
            default -> in.attributes().find(m.function(), name);
          };
      case PyObject.StaticMethod m -> name.equals("__func__") ? m.function() : null;
      case PyObject.ClassMethod m -> name.equals("__func__") ? m.function() : null;
      case PyObject.Property p -> property(p, name);
      default -> null;
    };
  }

  private static PyObject property(PyObject.Property p, String name) {
    return switch (name) {
      case "getter" ->
          PyNative.of(
              "getter", "f", (_, a) -> new PyObject.Property(a[0], p.setter(), p.deleter()));
      case "setter" ->
          PyNative.of(
              "setter", "f", (_, a) -> new PyObject.Property(p.getter(), a[0], p.deleter()));
      case "deleter" ->
          PyNative.of(
              "deleter", "f", (_, a) -> new PyObject.Property(p.getter(), p.setter(), a[0]));
      case "fget" -> p.getter() == null ? PyObject.NONE : p.getter();
      case "fset" -> p.setter() == null ? PyObject.NONE : p.setter();
      default -> null;
    };
  }
}
