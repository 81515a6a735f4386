package dev.isomorph.gpu;

import dev.isomorph.gpu.kernel.ConversionKernels;
import dev.isomorph.gpu.kernel.DeviceTensor;
import dev.isomorph.gpu.kernel.Workspace;
import dev.isomorph.ir.Node;
import dev.isomorph.ir.tensor.DType;
import dev.isomorph.ir.tensor.Datum;
import dev.isomorph.ir.tensor.Tensor;

/** A value of a run: on the host, on the device, or on both once it was copied. */
final class RunValue {
  private final Workspace workspace;
  private Datum host;
  private DeviceTensor device;

  private RunValue(Workspace workspace, Datum host, DeviceTensor device) {
    this.workspace = workspace;
    this.host = host;
    this.device = device;
  }

  static RunValue of(Workspace workspace, Datum host) {
    return new RunValue(workspace, host, null);
  }

  /** Takes over the holding of the device's memory. */
  static RunValue of(Workspace workspace, DeviceTensor device) {
    return new RunValue(workspace, null, device);
  }

  boolean isTensor() {
    return device != null || host instanceof Tensor;
  }

  boolean isOnDevice() {
    return device != null;
  }

  DType dtype() {
    return device != null ? device.dtype() : workspace.runType(tensor().dtype());
  }

  long[] dims() {
    return device != null ? device.dims() : tensor().dims();
  }

  private Tensor tensor() {
    return (Tensor) host;
  }

  /** {@return it on the device, held by this} */
  DeviceTensor onDevice(Node user) {
    if (device == null) {
      Tensor dense = tensor().dense();
      DType type = dtype();
      // Narrow floats are widened on the host: the device has no code for them.
      boolean widened = type != dense.dtype() && dense.dtype() != DType.F32;
      Tensor source = widened ? Tensor.of(type, dense.toDoubles(), dense.dims()) : dense;
      DeviceTensor copy =
          new DeviceTensor(
              source.dtype(), source.dims(), workspace.allocate(source.dtype(), source.dims()));
      workspace.stream().upload(source.segment(), copy.buffer());
      device = copy;
      if (copy.dtype() != type) {
        device = ConversionKernels.convert(user, workspace, copy, type);
        copy.buffer().release();
      }
    }
    return device;
  }

  /** {@return it on the host; waits for the device if it has to be copied} */
  Datum onHost() {
    if (host == null) {
      var bytes = Tensor.allocate(device.byteSize());
      workspace.stream().download(device.buffer(), bytes);
      workspace.stream().synchronize();
      host = Tensor.of(device.dtype(), device.dims(), bytes);
    }
    return host;
  }

  /** Lets the device's memory go. */
  void release() {
    if (device != null) {
      device.buffer().release();
      device = null;
    }
  }
}
