/**
 * Zip and tar, read from mapped memory and written aligned: stored entries are slices of the file,
 * never copies.
 */
package dev.isomorph.formats.archive;
