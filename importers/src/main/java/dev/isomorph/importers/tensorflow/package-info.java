/**
 * Reading of TensorFlow's graphs: SavedModels and frozen GraphDefs. Functions are inlined,
 * variables become parameters, and one small rule per operator says what it means in plain
 * operators.
 */
package dev.isomorph.importers.tensorflow;
