/**
 * What PyTorch's {@code torch.save} writes, in all three containers (zip, the legacy stream, the
 * old tar), and the pickles of TorchScript archives. Nothing is executed; tensor data are mapped
 * slices of the file.
 */
package dev.isomorph.formats.torch;
