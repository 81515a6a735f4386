package dev.isomorph.exporters;

/**
 * A constant that the target stores with less precision than the source: the verdict's allowance
 * grows by the measured effect of such constants alone.
 *
 * @param node the node's name, or the parameter's key
 * @param what the attribute, input or element that was rewritten
 * @param before the source's value
 * @param after the value in the target
 */
public record Narrowing(String node, String what, double before, double after) {}
