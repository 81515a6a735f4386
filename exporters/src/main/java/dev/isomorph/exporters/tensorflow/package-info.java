/**
 * Writing of TensorFlow's graphs: one small rule per operator of the graph says how TensorFlow says
 * it; what it cannot say is refused by name.
 */
package dev.isomorph.exporters.tensorflow;
