package dev.isomorph.formats.pickle;

/**
 * A class or function that the pickle names, never looked up. Two mentions are two values; compare
 * names.
 *
 * @param module its module, in Python 3's spelling
 * @param name its qualified name in the module
 * @param offset where the stream names it
 */
public record GlobalValue(String module, String name, long offset) implements PickleValue {
  /** {@return {@code module.name}} */
  public String qualifiedName() {
    return module + "." + name;
  }

  @Override
  public String describe() {
    return "the global " + PickleValue.quoted(module, name);
  }
}
