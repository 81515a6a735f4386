/**
 * Loading of models: {@link dev.isomorph.importers.Importers} recognises a file or folder and hands
 * it to the importer of its format. No code of a model is ever executed.
 */
package dev.isomorph.importers;
