/**
 * What all containers share: bounds-checked reading of mapped bytes, streamed writing of tensors,
 * files that appear when they are complete, tensors with a name and a storage identity.
 */
package dev.isomorph.formats;
