/**
 * ONNX files: {@code ModelProto} with its tensors, external data, and the test data of ONNX's
 * backend tests. The messages are generated from {@code onnx.proto}, IR version 14.
 */
package dev.isomorph.formats.onnx;
