/**
 * Operators of older opsets in terms of the newest one: a small adapter for every operator and
 * version step that changed what a node means. A node climbs the steps one by one; what the newest
 * opset cannot say in one operator becomes a composite, so that it stays one node.
 */
package dev.isomorph.importers.onnx.upgrade;
