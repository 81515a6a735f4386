/** The safetensors format of Hugging Face, single files and sharded sets with an index. */
package dev.isomorph.formats.safetensors;
