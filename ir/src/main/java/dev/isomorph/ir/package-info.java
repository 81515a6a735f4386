/**
 * The model and its graph: values, nodes, operators with their attributes, composites, origins,
 * builders and the text form. Knows no file format and no framework.
 */
package dev.isomorph.ir;
