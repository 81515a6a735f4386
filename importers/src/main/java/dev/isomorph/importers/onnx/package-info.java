/**
 * ONNX models of any opset to the graph, which speaks the newest one alone: names, order, types and
 * subgraphs from the file, older operators through {@link dev.isomorph.importers.onnx.upgrade}.
 */
package dev.isomorph.importers.onnx;
