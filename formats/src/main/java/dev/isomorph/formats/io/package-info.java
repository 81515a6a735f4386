/** What all writers share: outputs that appear when they are complete, tensors as byte regions. */
package dev.isomorph.formats.io;
