/**
 * TensorFlow's files: SavedModel folders, GraphDef files, checkpoints in the tensor bundle format.
 * The messages are generated from the descriptors of TensorFlow 2.21.
 */
package dev.isomorph.formats.tensorflow;
