/**
 * Protobuf messages beside mapped files: reading that leaves large fields in the map, writing that
 * takes large fields from tensors.
 */
package dev.isomorph.formats.protobuf;
