package dev.isomorph.exporters.onnx.downgrade;

/** Brings a node down one version step of its operator. Stateless. */
@FunctionalInterface
public interface Downgrade {
  /**
   * Changes the node so that it says in the earlier version what it says in the later one.
   *
   * @throws dev.isomorph.ir.diagnostic.IsomorphException if that cannot be said
   */
  void apply(NodeDraft node);
}
