package dev.isomorph.formats.pickle;

/** Is told what a pickle would do, as the stream goes. */
public interface PickleListener {
  /** The stream names a class or function, which Python would import. */
  default void onGlobal(GlobalValue global) {}

  /** The stream calls something, or makes an instance of it. */
  default void onCall(PickleValue callable, TupleValue arguments, Opcode opcode, long offset) {}

  /** The stream gives an object its state. */
  default void onBuild(PickleValue target, PickleValue state, long offset) {}
}
