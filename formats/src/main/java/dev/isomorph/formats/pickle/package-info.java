/**
 * Python pickles of all protocols, read by an interpreter of the opcodes that executes nothing: a
 * closed list of constructors makes values, everything else becomes an inert object that names what
 * it wanted to be.
 */
package dev.isomorph.formats.pickle;
