/**
 * PyTorch's meaning: tensors with views and in-place writes, ATen's operators by their schemas,
 * {@code torch.nn} as resources in the Python subset, the binding of a state dict.
 */
package dev.isomorph.importers.torch;
