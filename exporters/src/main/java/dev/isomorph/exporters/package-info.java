/**
 * Writing of models: {@link dev.isomorph.exporters.Exporters} hands a model to the exporter of a
 * target format. What a target cannot say is refused by name, never approximated in silence.
 */
package dev.isomorph.exporters;
