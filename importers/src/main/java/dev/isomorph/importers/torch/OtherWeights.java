package dev.isomorph.importers.torch;

import dev.isomorph.importers.python.Arguments;
import dev.isomorph.importers.python.HostObject;
import dev.isomorph.importers.python.Interpreter;
import dev.isomorph.importers.python.PyClass;
import dev.isomorph.importers.python.PyDict;
import dev.isomorph.importers.python.PyObject;
import dev.isomorph.importers.python.Types;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code torch.load()} in a constructor gives: nothing is read. The weights that were given
 * fill every parameter afterwards, so that a checkpoint loaded before makes no difference; any
 * other use of it is refused.
 */
record OtherWeights() implements HostObject {
  private static final PyClass TYPE =
      new PyClass("checkpoint", List.of(Types.OBJECT), new PyDict(), null);

  @Override
  public PyClass type(Interpreter in) {
    return TYPE;
  }

  @Override
  public PyObject attribute(Interpreter in, String name) {
    return name.startsWith("__") ? null : this;
  }

  @Override
  public boolean setAttribute(Interpreter in, String name, PyObject value) {
    return true;
  }

  @Override
  public PyObject call(Interpreter in, Arguments arguments) {
    return this;
  }

  @Override
  public PyObject getItem(Interpreter in, PyObject index) {
    return this;
  }

  @Override
  public boolean setItem(Interpreter in, PyObject index, PyObject value) {
    return true;
  }

  @Override
  public Iterator<PyObject> iterate(Interpreter in) {
    return Collections.emptyIterator();
  }

  @Override
  public PyObject binary(Interpreter in, String operator, PyObject other, boolean reflected) {
    throw in.unsupported("what torch.load() gave is used in a computation");
  }

  @Override
  public boolean truth(Interpreter in) {
    throw in.unsupported("what torch.load() gave is used as a condition");
  }

  @Override
  public String repr(Interpreter in) {
    return "<checkpoint>";
  }
}
