package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.tensor.DType;

/**
 * An ATen operator as a Python function, or as a method of a tensor.
 *
 * @param receiver the tensor, or {@code null}
 */
record AtenFunction(TorchTrace trace, String name, TensorRef receiver, DType legacyType)
    implements HostObject {
  static {
    TorchTypes.FUNCTION.method("__call__", "self, *args, **kwargs", (_, _) -> PyObject.NONE);
  }

  AtenFunction(TorchTrace trace, String name, TensorRef receiver) {
    this(trace, name, receiver, null);
  }

  @Override
  public PyClass type(Interpreter in) {
    return TorchTypes.FUNCTION;
  }

  @Override
  public PyObject attribute(Interpreter in, String attribute) {
    return switch (attribute) {
      case "__name__", "__qualname__" -> PyObject.of(name);
      case "__module__" -> PyObject.of("torch");
      default -> null;
    };
  }

  @Override
  public PyObject call(Interpreter in, Arguments arguments) {
    return trace.functions().call(name, receiver == null ? arguments : arguments.prepend(receiver));
  }

  @Override
  public Object hashKey(Interpreter in) {
    return receiver == null ? "aten::" + name : this;
  }

  @Override
  public PyObject compare(Interpreter in, String operator, PyObject other) {
    boolean same = other instanceof AtenFunction f && f.name.equals(name) && f.receiver == receiver;
    return operator.equals("==") || operator.equals("!=")
        ? PyObject.of(same == operator.equals("=="))
        : null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AtenFunction f && f.name.equals(name) && f.receiver == receiver;
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String repr(Interpreter in) {
    return "<built-in function " + name + ">";
  }
}
