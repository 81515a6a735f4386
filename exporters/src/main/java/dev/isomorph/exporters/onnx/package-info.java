/**
 * The graph as an ONNX model of any opset from 9 up: composites by their bodies, operators through
 * {@link dev.isomorph.exporters.onnx.downgrade} as the opset that is asked for says them.
 */
package dev.isomorph.exporters.onnx;
