/** Tells what a file or folder is by its content, and what loading it would do. */
package dev.isomorph.formats.sniff;
