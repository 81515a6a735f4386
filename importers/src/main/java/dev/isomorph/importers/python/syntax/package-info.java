/**
 * Python 3 source as data: text, tokens, syntax tree, with the position of every node. Nothing here
 * evaluates anything.
 */
package dev.isomorph.importers.python.syntax;
