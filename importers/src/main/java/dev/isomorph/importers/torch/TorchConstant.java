package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.ir.tensor.DType;

/** Element types, devices, layouts and memory formats. */
sealed interface TorchConstant extends HostObject {
  /** An element type. */
  record ElementType(DType dtype, String name) implements TorchConstant {
    @Override
    public PyClass type(Interpreter in) {
      return TorchTypes.DTYPE;
    }

    @Override
    public PyObject attribute(Interpreter in, String attribute) {
      return switch (attribute) {
        case "is_floating_point" -> PyObject.of(dtype.isFloat());
        case "is_complex" -> PyObject.of(dtype.kind() == DType.Kind.COMPLEX);
        case "is_signed" -> PyObject.of(dtype.kind() != DType.Kind.UNSIGNED && dtype != DType.BOOL);
        case "itemsize" -> PyObject.of(dtype.bits() / 8);
        default -> null;
      };
    }

    @Override
    public String repr(Interpreter in) {
      return "torch." + name;
    }
  }

  /** A device: all of them are one to us. */
  record Device(String kind, long index) implements TorchConstant {
    @Override
    public PyClass type(Interpreter in) {
      return TorchTypes.DEVICE;
    }

    @Override
    public PyObject attribute(Interpreter in, String attribute) {
      return switch (attribute) {
        case "type" -> PyObject.of(kind);
        case "index" -> index < 0 ? PyObject.NONE : PyObject.of(index);
        default -> null;
      };
    }

    @Override
    public PyObject compare(Interpreter in, String operator, PyObject other) {
      if (other instanceof PyObject.Str s) {
        boolean same = s.value().equals(index < 0 ? kind : kind + ":" + index);
        return PyObject.of(same == operator.equals("=="));
      }
      return null;
    }

    @Override
    public String repr(Interpreter in) {
      return index < 0
          ? "device(type='" + kind + "')"
          : "device(type='" + kind + "', index=" + index + ")";
    }
  }

  /** A layout, a memory format or the like: a name without effect. */
  record Named(String name) implements TorchConstant {
    @Override
    public PyClass type(Interpreter in) {
      return TorchTypes.CONSTANT;
    }

    @Override
    public PyObject call(Interpreter in, Arguments arguments) {
      return null;
    }

    @Override
    public String repr(Interpreter in) {
      return "torch." + name;
    }
  }
}
