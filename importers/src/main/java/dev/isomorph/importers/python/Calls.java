package dev.isomorph.importers.python;

import dev.isomorph.importers.python.syntax.SourceFile;

/** Calls: functions, methods, classes, callable instances. */
public final class Calls {
  private final Interpreter in;

  Calls(Interpreter in) {
    this.in = in;
  }

  public PyObject call(PyObject callee, PyObject... arguments) {
    return call(callee, Arguments.of(arguments));
  }

  /** {@return what a call gives, or {@code TypeError} if the callee cannot be called} */
  public PyObject call(PyObject callee, Arguments arguments) {
    return switch (callee) {
      case PyFunction f -> function(f, arguments);
      case PyNative f -> f.body().call(in, f.signature().bind(in, f.name(), arguments));
      case PyObject.Method m -> call(m.function(), arguments.prepend(m.receiver()));
      case PyClass c -> construct(c, arguments);
      case PyObject.StaticMethod m -> call(m.function(), arguments);
      case PyInstance i -> {
        PyObject method = i.type().lookup("__call__");
        if (method == null) {
          throw notCallable(callee);
        }
        yield call(in.attributes().bind(method, i, i.type()), arguments);
      }
      case HostObject h -> {
        PyObject result = h.call(in, arguments);
        if (result == null) {
          throw notCallable(callee);
        }
        yield result;
      }
      default -> throw notCallable(callee);
    };
  }

  private RuntimeException notCallable(PyObject callee) {
    return in.raise("TypeError", "'%s' object is not callable", Types.of(in, callee).name());
  }

  boolean isCallable(PyObject value) {
    return switch (value) {
      case PyFunction _, PyNative _, PyObject.Method _, PyClass _ -> true;
      case PyInstance i -> i.type().lookup("__call__") != null;
      case HostObject h -> h.type(in).lookup("__call__") != null;
      default -> false;
    };
  }

  /** {@return what a method gives, or {@code null} if the class of the value has none} */
  PyObject callSpecial(PyObject receiver, String name, PyObject... arguments) {
    if (!(receiver instanceof PyInstance || receiver instanceof PyClass)) {
      return null;
    }
    PyClass type = receiver instanceof PyInstance i ? i.type() : ((PyClass) receiver).metaclass();
    PyObject method = type == null ? null : type.lookup(name);
    return method == null || method == PyObject.NONE
        ? null
        : call(in.attributes().bind(method, receiver, type), arguments);
  }

  private PyObject function(PyFunction f, Arguments arguments) {
    Environment env = Environment.ofCall(f.closure(), f.scope());
    PyObject[] bound = f.signature().bind(in, f.name(), arguments);
    for (int i = 0; i < bound.length; i++) {
      env.variables.put(f.signature().parameters().all().get(i).name(), bound[i]);
    }
    env.receiver = bound.length > 0 ? firstArgument(bound[0]) : null;
    env.classCell = f.owner();
    SourceFile file = f.file();
    if (f.isGenerator()) {
      return generator(f, env);
    }
    int depth = in.depth();
    in.enter(f.name(), file, f.isLibrary());
    try {
      return run(f, env);
    } finally {
      in.unwind(depth);
    }
  }

  private static PyObject firstArgument(PyObject bound) {
    return bound instanceof PyTuple t && !t.elements().isEmpty() ? t.elements().getFirst() : bound;
  }

  private PyObject run(PyFunction f, Environment env) {
    if (f.expression() != null) {
      return in.expressions().evaluate(f.expression(), env);
    }
    in.statements().run(f.body(), env);
    return env.returned == null ? PyObject.NONE : env.returned;
  }

  private PyObject generator(PyFunction f, Environment env) {
    Generator made =
        new Generator(
            () -> {
              int depth = in.depth();
              in.enter(f.name(), f.file(), f.isLibrary());
              try {
                run(f, env);
              } finally {
                in.unwind(depth);
              }
            });
    env.generator = made;
    in.register(made);
    return new PyIterator("generator", made);
  }

  /** Makes an instance of a class, as {@code type.__call__} does. */
  private PyObject construct(PyClass type, Arguments arguments) {
    if (type.metaclass() != null) {
      PyObject hook = type.metaclass().lookup("__call__");
      if (hook instanceof PyFunction) {
        return call(new PyObject.Method(type, hook), arguments);
      }
    }
    return instantiate(type, arguments);
  }

  /** Makes an instance of a class without asking its metaclass. */
  PyObject instantiate(PyClass type, Arguments arguments) {
    if (type.constructor() != null) {
      PyNative c = type.constructor();
      return c.body().call(in, c.signature().bind(in, type.name(), arguments));
    }
    if (type.isSubclassOf(Types.TYPE) && type != Types.TYPE) {
      return ClassDefinitions.callMetaclass(in, type, arguments);
    }
    PyObject custom = type.lookup("__new__");
    PyObject made =
        custom == null || custom instanceof PyNative
            ? allocate(type, arguments)
            : call(
                custom instanceof PyObject.StaticMethod m ? m.function() : custom,
                arguments.prepend(type));
    if (made instanceof PyInstance instance && instance.type().isSubclassOf(type)) {
      initialise(instance, arguments, custom instanceof PyFunction);
    }
    return made;
  }

  private void initialise(PyInstance instance, Arguments arguments, boolean customNew) {
    PyObject init = instance.type().lookup("__init__");
    if (init == null || init == Types.OBJECT.namespace().get("__init__")) {
      boolean plain = instance.payload() == null && !customNew;
      if (plain && !(arguments.positional().isEmpty() && arguments.keywords().isEmpty())) {
        throw in.raise("TypeError", "%s() takes no arguments", instance.type().name());
      }
      return;
    }
    call(in.attributes().bind(init, instance, instance.type()), arguments);
  }

  /** Makes an instance that is not initialised, as {@code object.__new__} does. */
  PyInstance allocate(PyClass type, Arguments arguments) {
    PyClass layout = type.layout();
    if (layout == null) {
      return new PyInstance(type, null);
    }
    boolean mutable = layout == Types.LIST || layout == Types.DICT || layout == Types.SET;
    PyNative c = layout.constructor();
    Arguments given = mutable ? Arguments.NONE : arguments;
    return new PyInstance(
        type, Values.plain(c.body().call(in, c.signature().bind(in, type.name(), given))));
  }
}
