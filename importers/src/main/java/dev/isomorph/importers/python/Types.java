package dev.isomorph.importers.python;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Python's built-in classes. They are never changed, so all evaluators share them. */
public final class Types {
  public static final PyClass OBJECT = new PyClass("object", List.of(), new PyDict(), null);
  public static final PyClass TYPE = make("type", OBJECT);
  public static final PyClass NONE = make("NoneType", OBJECT);
  public static final PyClass INT = make("int", OBJECT);
  public static final PyClass BOOL = make("bool", INT);
  public static final PyClass FLOAT = make("float", OBJECT);
  public static final PyClass COMPLEX = make("complex", OBJECT);
  public static final PyClass STR = make("str", OBJECT);
  public static final PyClass BYTES = make("bytes", OBJECT);
  public static final PyClass TUPLE = make("tuple", OBJECT);
  public static final PyClass LIST = make("list", OBJECT);
  public static final PyClass DICT = make("dict", OBJECT);
  public static final PyClass SET = make("set", OBJECT);
  public static final PyClass FROZENSET = make("frozenset", OBJECT);
  public static final PyClass SLICE = make("slice", OBJECT);
  public static final PyClass RANGE = make("range", OBJECT);
  public static final PyClass FUNCTION = make("function", OBJECT);
  public static final PyClass NATIVE = make("builtin_function_or_method", OBJECT);
  public static final PyClass METHOD = make("method", OBJECT);
  public static final PyClass SUPER = make("super", OBJECT);
  public static final PyClass PROPERTY = make("property", OBJECT);
  public static final PyClass STATIC_METHOD = make("staticmethod", OBJECT);
  public static final PyClass CLASS_METHOD = make("classmethod", OBJECT);
  public static final PyClass MODULE = make("module", OBJECT);
  public static final PyClass ITERATOR = make("iterator", OBJECT);
  public static final PyClass GENERATOR = make("generator", OBJECT);
  public static final PyClass ELLIPSIS = make("ellipsis", OBJECT);
  public static final PyClass NOT_IMPLEMENTED = make("NotImplementedType", OBJECT);

  /** Exceptions: {@code name base} pairs in order. */
  private static final String[] EXCEPTION_TREE = {
    "BaseException object",
    "Exception BaseException",
    "KeyboardInterrupt BaseException",
    "SystemExit BaseException",
    "GeneratorExit BaseException",
    "ArithmeticError Exception",
    "ZeroDivisionError ArithmeticError",
    "OverflowError ArithmeticError",
    "FloatingPointError ArithmeticError",
    "AssertionError Exception",
    "AttributeError Exception",
    "BufferError Exception",
    "EOFError Exception",
    "ImportError Exception",
    "ModuleNotFoundError ImportError",
    "LookupError Exception",
    "IndexError LookupError",
    "KeyError LookupError",
    "MemoryError Exception",
    "NameError Exception",
    "UnboundLocalError NameError",
    "OSError Exception",
    "FileNotFoundError OSError",
    "FileExistsError OSError",
    "PermissionError OSError",
    "TimeoutError OSError",
    "RuntimeError Exception",
    "NotImplementedError RuntimeError",
    "RecursionError RuntimeError",
    "StopIteration Exception",
    "StopAsyncIteration Exception",
    "SyntaxError Exception",
    "SystemError Exception",
    "TypeError Exception",
    "ValueError Exception",
    "UnicodeError ValueError",
    "UnicodeDecodeError UnicodeError",
    "UnicodeEncodeError UnicodeError",
    "Warning Exception",
    "DeprecationWarning Warning",
    "PendingDeprecationWarning Warning",
    "FutureWarning Warning",
    "UserWarning Warning",
    "RuntimeWarning Warning",
    "SyntaxWarning Warning",
    "ImportWarning Warning",
  };

  private static final Map<String, PyClass> EXCEPTIONS = new LinkedHashMap<>();

  static {
    EXCEPTIONS.put("object", OBJECT);
    for (String pair : EXCEPTION_TREE) {
      String[] names = pair.split(" ");
      EXCEPTIONS.put(names[0], make(names[0], EXCEPTIONS.get(names[1])));
    }
    EXCEPTIONS.remove("object");
    ObjectMethods.install();
    NumberMethods.install();
    StringMethods.install();
    ListMethods.install();
    DictMethods.install();
    SetMethods.install();
  }

  private Types() {}

  private static PyClass make(String name, PyClass base) {
    return new PyClass(name, List.of(base), new PyDict(), null);
  }

  /** {@return the built-in exception class with a name} */
  public static PyClass exception(String name) {
    PyClass found = EXCEPTIONS.get(name);
    if (found == null) {
      throw new IllegalArgumentException(name);
    }
    return found;
  }

  /** {@return every built-in exception class by name} */
  static Map<String, PyClass> exceptions() {
    return EXCEPTIONS;
  }

  /** {@return the class of a value} */
  public static PyClass of(Interpreter in, PyObject value) {
    return switch (value) {
      case PyObject.None _ -> NONE;
      case PyObject.Bool _ -> BOOL;
      case PyObject.Int _ -> INT;
      case PyObject.Float _ -> FLOAT;
      case PyObject.Complex _ -> COMPLEX;
      case PyObject.Str _ -> STR;
      case PyObject.Bytes _ -> BYTES;
      case PyTuple _ -> TUPLE;
      case PyList _ -> LIST;
      case PyDict _ -> DICT;
      case PySet s -> s.frozen() ? FROZENSET : SET;
      case PyObject.Slice _ -> SLICE;
      case PyObject.Range _ -> RANGE;
      case PyFunction _ -> FUNCTION;
      case PyNative _ -> NATIVE;
      case PyObject.Method _ -> METHOD;
      case PyObject.Super _ -> SUPER;
      case PyObject.Property _ -> PROPERTY;
      case PyObject.StaticMethod _ -> STATIC_METHOD;
      case PyObject.ClassMethod _ -> CLASS_METHOD;
      case PyModule _ -> MODULE;
      case PyIterator i -> i.typeName().equals("generator") ? GENERATOR : ITERATOR;
      case PyObject.Special s -> s.name().equals("Ellipsis") ? ELLIPSIS : NOT_IMPLEMENTED;
      case PyClass c -> c.metaclass() == null ? TYPE : c.metaclass();
      case PyInstance i -> i.type();
      case HostObject h -> h.type(in);
    };
  }
}
