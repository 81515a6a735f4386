package dev.isomorph.importers.python;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A class, built in or defined in source, with Python's method resolution order. */
public final class PyClass implements PyObject {
  private final String name;
  private final List<PyClass> bases;
  private final PyDict namespace;
  private final List<PyClass> order;
  private final PyClass metaclass;
  private PyNative constructor;
  private Predicate<PyObject> instanceCheck;

  /**
   * @param metaclass the class of this class, or {@code null} for {@code type}
   * @throws IllegalArgumentException if the bases have no consistent order
   */
  public PyClass(String name, List<PyClass> bases, PyDict namespace, PyClass metaclass) {
    this.name = name;
    this.bases = List.copyOf(bases);
    this.namespace = namespace;
    this.metaclass = metaclass;
    this.order = linearise(this, this.bases);
  }

  /** Merges the orders of the bases (the C3 linearisation of Python's data model). */
  private static List<PyClass> linearise(PyClass self, List<PyClass> bases) {
    List<PyClass> order = new ArrayList<>(List.of(self));
    List<List<PyClass>> rest = new ArrayList<>();
    bases.forEach(b -> rest.add(new ArrayList<>(b.order)));
    rest.add(new ArrayList<>(bases));
    rest.removeIf(List::isEmpty);
    while (!rest.isEmpty()) {
      PyClass head = null;
      for (List<PyClass> list : rest) {
        PyClass candidate = list.getFirst();
        if (rest.stream().noneMatch(l -> l.lastIndexOf(candidate) > 0)) {
          head = candidate;
          break;
        }
      }
      if (head == null) {
        throw new IllegalArgumentException("the bases have no consistent method resolution order");
      }
      order.add(head);
      for (List<PyClass> list : rest) {
        list.remove(head);
      }
      rest.removeIf(List::isEmpty);
    }
    return List.copyOf(order);
  }

  public String name() {
    return name;
  }

  public List<PyClass> bases() {
    return bases;
  }

  public PyDict namespace() {
    return namespace;
  }

  /** {@return this class and its ancestors, in the order in which names are looked up} */
  public List<PyClass> order() {
    return order;
  }

  /** {@return the class of this class; {@code null} stands for {@code type}} */
  PyClass metaclass() {
    return metaclass;
  }

  /** {@return what a name means in this class or its ancestors, or {@code null}} */
  public PyObject lookup(String name) {
    for (PyClass c : order) {
      PyObject value = c.namespace.get(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** {@return as {@link #lookup}, in what follows {@code after} in this class's order} */
  PyObject lookupAfter(PyClass after, String name) {
    boolean reached = false;
    for (PyClass c : order) {
      if (reached && c.namespace.get(name) != null) {
        return c.namespace.get(name);
      }
      reached |= c == after;
    }
    return null;
  }

  public boolean isSubclassOf(PyClass other) {
    return order.contains(other);
  }

  /** Sets what makes an instance of a built-in class from the call's arguments. */
  public PyClass constructor(PyNative constructor) {
    this.constructor = constructor;
    return this;
  }

  /** {@return the constructor of a built-in class, or {@code null}} */
  PyNative constructor() {
    return constructor;
  }

  /** Sets which values of other classes count as instances, as an abstract class does. */
  public PyClass instanceCheck(Predicate<PyObject> check) {
    this.instanceCheck = check;
    return this;
  }

  Predicate<PyObject> instanceCheck() {
    return instanceCheck;
  }

  /** Adds a method that is written in Java; {@code self} is its first parameter. */
  public PyClass method(String name, String parameters, PyNative.Body body) {
    namespace.put(name, PyNative.of(name, parameters, body));
    return this;
  }

  /** {@return the nearest built-in class with a constructor that this one extends, or itself} */
  PyClass layout() {
    for (PyClass c : order) {
      if (c.constructor != null) {
        return c;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return name;
  }
}
