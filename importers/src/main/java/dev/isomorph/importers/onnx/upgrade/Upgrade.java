package dev.isomorph.importers.onnx.upgrade;

/** Brings a node over one version step of its operator. Stateless. */
@FunctionalInterface
public interface Upgrade {
  /**
   * Changes the node so that it says in the later version what it said in the earlier one.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if that cannot be said
   */
  void apply(OldNode node);
}
