/**
 * Raises a graph to PyTorch source that people read, with its state dict. A rule says one operator:
 * as a layer of {@code torch.nn} where its weights are stored, as a function where they are
 * computed.
 */
package dev.isomorph.exporters.torch;
