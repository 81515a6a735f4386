/**
 * Operators of the newest opset in terms of older ones: the mirror of the importer's upgrades. A
 * node descends the version steps of its operator one by one; what the older version cannot say is
 * written as its decomposition, or refused by name.
 */
package dev.isomorph.exporters.onnx.downgrade;
