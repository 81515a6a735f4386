package dev.isomorph.importers.python;

/** Attribute access, as Python's data model defines it. */
public final class Attributes {
  private final Interpreter in;

  Attributes(Interpreter in) {
    this.in = in;
  }

  /** {@return the attribute, or {@code AttributeError}} */
  public PyObject get(PyObject object, String name) {
    PyObject value = find(object, name);
    if (value != null) {
      return value;
    }
    if (object instanceof PyInstance instance) {
      PyObject hook = instance.type().lookup("__getattr__");
      if (hook != null) {
        return in.calls().call(bind(hook, object, instance.type()), PyObject.of(name));
      }
    }
    throw missing(object, name);
  }

  private RuntimeException missing(PyObject object, String name) {
    return switch (object) {
      case PyModule m ->
          in.raise("AttributeError", "module '%s' has no attribute '%s'", m.name(), name);
      case PyClass c ->
          in.raise("AttributeError", "type object '%s' has no attribute '%s'", c.name(), name);
      case PyObject.Super s ->
          in.raise("AttributeError", "'super' object has no attribute '%s'", name);
      default ->
          in.raise(
              "AttributeError",
              "'%s' object has no attribute '%s'",
              Types.of(in, object).name(),
              name);
    };
  }

  /** {@return the attribute without {@code __getattr__}, or {@code null}} */
  public PyObject find(PyObject object, String name) {
    return switch (object) {
      case PyInstance i -> ofInstance(i, name);
      case PyClass c -> ofClass(c, name);
      case PyModule m ->
          name.equals("__dict__") ? m.namespace() : in.imports().moduleAttribute(m, name);
      case PyObject.Super s -> {
        PyObject value = s.type().lookupAfter(s.after(), name);
        yield value == null
            ? null
            : s.receiver() instanceof PyClass c
                ? value instanceof PyObject.ClassMethod m
                    ? new PyObject.Method(c, m.function())
                    : value instanceof PyObject.StaticMethod m ? m.function() : value
                : bind(value, s.receiver(), s.type());
      }
      case HostObject h -> {
        PyObject value = h.attribute(in, name);
        yield value != null ? value : ofBuiltIn(object, name);
      }
      default -> ofBuiltIn(object, name);
    };
  }

  private PyObject ofInstance(PyInstance instance, String name) {
    PyObject onClass = instance.type().lookup(name);
    if (onClass instanceof PyObject.Property || isDataDescriptor(onClass)) {
      return bind(onClass, instance, instance.type());
    }
    PyObject own = instance.attributes().get(name);
    if (own != null) {
      return own;
    }
    if (onClass != null) {
      return bind(onClass, instance, instance.type());
    }
    return switch (name) {
      case "__dict__" -> instance.attributes();
      case "__class__" -> instance.type();
      case "__doc__" -> PyObject.NONE;
      case "__module__" -> PyObject.of("__main__");
      default -> instance.payload() == null ? null : ofBuiltIn(instance.payload(), name);
    };
  }

  private static boolean isDataDescriptor(PyObject value) {
    return value instanceof PyInstance i
        && i.type().lookup("__get__") != null
        && i.type().lookup("__set__") != null;
  }

  /** {@return what a class attribute means when it is reached through an instance} */
  PyObject bind(PyObject value, PyObject receiver, PyClass type) {
    return switch (value) {
      case PyFunction f -> new PyObject.Method(receiver, f);
      case PyNative f -> new PyObject.Method(receiver, f);
      case PyObject.ClassMethod m -> new PyObject.Method(type, m.function());
      case PyObject.StaticMethod m -> m.function();
      case PyObject.Property p -> {
        if (p.getter() == null) {
          throw in.raise("AttributeError", "unreadable attribute");
        }
        yield in.calls().call(p.getter(), receiver);
      }
      case PyInstance i when i.type().lookup("__get__") != null ->
          in.calls().call(get(i, "__get__"), receiver, type);
      default -> value;
    };
  }

  private PyObject ofClass(PyClass c, String name) {
    PyObject value = c.lookup(name);
    if (value != null
        && !(c == Types.OBJECT || c.namespace().get(name) == null && c.metaclass() != null)) {
      return bindToClass(value, c);
    }
    if (c.metaclass() != null) {
      PyObject onMeta = c.metaclass().lookup(name);
      boolean fromObject = value != null && Types.OBJECT.namespace().get(name) == value;
      if (onMeta != null && (value == null || fromObject) && !name.equals("__init__")) {
        return bind(onMeta, c, c.metaclass());
      }
    }
    if (value != null) {
      return bindToClass(value, c);
    }
    return switch (name) {
      case "__name__", "__qualname__" -> PyObject.of(c.name());
      case "__mro__" -> new PyTuple(java.util.List.copyOf(c.order()));
      case "__bases__" -> new PyTuple(java.util.List.copyOf(c.bases()));
      case "__dict__" -> c.namespace();
      case "__class__" -> Types.of(in, c);
      case "__doc__" -> PyObject.NONE;
      case "__module__" -> PyObject.of("builtins");
      case "mro" -> PyNative.of("mro", "", (_, _) -> new PyList(c.order()));
      default -> {
        PyObject onType = Types.TYPE.namespace().get(name);
        yield onType == null ? null : bind(onType, c, Types.TYPE);
      }
    };
  }

  private PyObject bindToClass(PyObject value, PyClass c) {
    return switch (value) {
      case PyObject.ClassMethod m -> new PyObject.Method(c, m.function());
      case PyObject.StaticMethod m -> m.function();
      case PyInstance i when i.type().lookup("__get__") != null ->
          in.calls().call(get(i, "__get__"), PyObject.NONE, c);
      default -> value;
    };
  }

  private PyObject ofBuiltIn(PyObject object, String name) {
    PyClass type = Types.of(in, object);
    PyObject own = BuiltInAttributes.of(in, object, name);
    if (own != null) {
      return own;
    }
    if (name.equals("__class__")) {
      return type;
    }
    PyObject value = type.lookup(name);
    return value == null ? null : bind(value, object, type);
  }

  /** Sets an attribute, through {@code __setattr__} and properties. */
  public void set(PyObject object, String name, PyObject value) {
    if (object instanceof PyInstance instance) {
      PyObject hook = instance.type().lookup("__setattr__");
      if (hook != null && !(hook instanceof PyNative)) {
        in.calls().call(bind(hook, object, instance.type()), PyObject.of(name), value);
        return;
      }
    }
    setPlain(object, name, value);
  }

  /** Sets an attribute as {@code object.__setattr__} does. */
  void setPlain(PyObject object, String name, PyObject value) {
    switch (object) {
      case PyInstance i -> {
        PyObject onClass = i.type().lookup(name);
        if (onClass instanceof PyObject.Property p) {
          if (p.setter() == null) {
            throw in.raise("AttributeError", "can't set attribute '%s'", name);
          }
          in.calls().call(p.setter(), object, value);
        } else if (isDataDescriptor(onClass)) {
          in.calls().call(get(onClass, "__set__"), object, value);
        } else if (name.equals("__class__") && value instanceof PyClass c) {
          i.type(c);
        } else if (name.equals("__dict__") && value instanceof PyDict d) {
          i.attributes().clear();
          i.attributes().putAll(d);
        } else {
          i.attributes().put(name, value);
        }
      }
      case PyClass c when Types.of(in, c) != null && !Builtins.isBuiltIn(c) ->
          c.namespace().put(name, value);
      case PyModule m -> m.namespace().put(name, value);
      case PyFunction f -> f.attributes().put(name, value);
      case HostObject h when h.setAttribute(in, name, value) -> {}
      default ->
          throw in.raise(
              "AttributeError",
              "cannot set attribute '%s' of '%s' object",
              name,
              Types.of(in, object).name());
    }
  }

  /** Deletes an attribute, through {@code __delattr__}. */
  public void delete(PyObject object, String name) {
    if (object instanceof PyInstance instance) {
      PyObject hook = instance.type().lookup("__delattr__");
      if (hook != null && !(hook instanceof PyNative)) {
        in.calls().call(bind(hook, object, instance.type()), PyObject.of(name));
        return;
      }
    }
    deletePlain(object, name);
  }

  void deletePlain(PyObject object, String name) {
    PyObject removed =
        switch (object) {
          case PyInstance i -> i.attributes().remove(name);
          case PyClass c when !Builtins.isBuiltIn(c) -> c.namespace().remove(name);
          case PyModule m -> m.namespace().remove(name);
          case PyFunction f -> f.attributes().remove(name);
          default -> null;
        };
    if (removed == null) {
      throw missing(object, name);
    }
  }
}
