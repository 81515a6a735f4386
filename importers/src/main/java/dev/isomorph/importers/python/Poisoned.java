package dev.isomorph.importers.python;

import dev.isomorph.ir.diagnostic.IsomorphException;

/**
 * A module's name whose value could not be evaluated. Whoever uses it gets the reason; a script's
 * training code may fail as long as the model does not need it.
 *
 * @param failure why there is no value
 */
record Poisoned(String name, IsomorphException failure) implements HostObject {
  @Override
  public PyClass type(Interpreter in) {
    throw failure;
  }

  @Override
  public String repr(Interpreter in) {
    throw failure;
  }
}
