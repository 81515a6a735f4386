package dev.isomorph.ir.tensor;

import java.util.Optional;

/**
 * A value that may be absent.
 *
 * @param element the value, if there is one
 */
public record OptionalValue(Optional<Datum> element) implements Datum {}
