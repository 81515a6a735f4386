package dev.isomorph.ir.shape;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The length of an axis: a number, a symbol, or an expression over symbols, always in one normal
 * form: a sum of integer multiples of products of atoms, where an atom is a symbol or a call of
 * {@code floordiv}, {@code mod}, {@code min}, {@code max} or {@code broadcast}. Two dims that are
 * equal as objects are equal for every value of their symbols. Symbols stand for integers of at
 * least 0. Immutable.
 */
public final class Dim {
  /** Functions of two dims that have no polynomial form. */
  public enum Operator {
    /** Quotient rounded towards −∞. */
    FLOORDIV,
    /** Remainder of the same sign as the divisor. */
    MOD,
    MIN,
    MAX,
    /** The length of an axis after broadcasting: the other one where one is 1. */
    BROADCAST
  }

  private sealed interface Atom extends Comparable<Atom> permits Symbol, Call {
    @Override
    default int compareTo(Atom other) {
      return toString().compareTo(other.toString());
    }
  }

  private record Symbol(String name) implements Atom {
    @Override
    public String toString() {
      return name;
    }
  }

  private record Call(Operator operator, Dim left, Dim right) implements Atom {
    @Override
    public String toString() {
      String name = operator.name().toLowerCase(java.util.Locale.ROOT);
      return name + "(" + left + ", " + right + ")";
    }
  }

  /** Terms of a product in order; a repeated atom is a power. */
  private record Product(List<Atom> atoms) implements Comparable<Product> {
    @Override
    public int compareTo(Product other) {
      int byDegree = Integer.compare(other.atoms.size(), atoms.size());
      return byDegree != 0 ? byDegree : atoms.toString().compareTo(other.atoms.toString());
    }

    Product times(Product other) {
      List<Atom> all = new ArrayList<>(atoms);
      all.addAll(other.atoms);
      Collections.sort(all);
      return new Product(List.copyOf(all));
    }
  }

  private final long constant;
  private final SortedMap<Product, Long> terms;

  private Dim(long constant, SortedMap<Product, Long> terms) {
    this.constant = constant;
    this.terms = terms;
  }

  /** {@return a known length} */
  public static Dim of(long value) {
    return new Dim(value, Collections.emptySortedMap());
  }

  /**
   * {@return a symbol}
   *
   * @param name letters, digits and any other characters but {@code ,()[]*+-} and spaces; not a
   *     number
   * @throws IllegalArgumentException for other names
   */
  public static Dim symbol(String name) {
    if (!isSymbolName(name)) {
      throw new IllegalArgumentException("'" + name + "' cannot name a dim");
    }
    return ofAtom(new Symbol(name));
  }

  /** {@return whether {@link #symbol} takes this name} */
  public static boolean isSymbolName(String name) {
    return !name.isEmpty()
        && name.chars().noneMatch(c -> " ,()[]*+-\n\t\"".indexOf(c) >= 0)
        && !Character.isDigit(name.charAt(0))
        && !name.equals("?");
  }

  private static Dim ofAtom(Atom atom) {
    TreeMap<Product, Long> terms = new TreeMap<>();
    terms.put(new Product(List.of(atom)), 1L);
    return new Dim(0, terms);
  }

  /** {@return whether the length is a number} */
  public boolean isKnown() {
    return terms.isEmpty();
  }

  /** {@return the number, when it is one} */
  public OptionalLong value() {
    return isKnown() ? OptionalLong.of(constant) : OptionalLong.empty();
  }

  /**
   * {@return the number}
   *
   * @throws IllegalStateException if it is not known
   */
  public long known() {
    if (!isKnown()) {
      throw new IllegalStateException(this + " is not known");
    }
    return constant;
  }

  /** {@return whether it is known to be {@code value}} */
  public boolean is(long value) {
    return isKnown() && constant == value;
  }

  /** {@return the sum} */
  public Dim plus(Dim other) {
    TreeMap<Product, Long> sum = new TreeMap<>(terms);
    other.terms.forEach((product, factor) -> merge(sum, product, factor));
    return new Dim(Math.addExact(constant, other.constant), sum);
  }

  /** {@return the sum} */
  public Dim plus(long other) {
    return plus(of(other));
  }

  /** {@return the difference} */
  public Dim minus(Dim other) {
    return plus(other.times(-1));
  }

  /** {@return the product} */
  public Dim times(long factor) {
    return times(of(factor));
  }

  /** {@return the product} */
  public Dim times(Dim other) {
    TreeMap<Product, Long> result = new TreeMap<>();
    for (var a : terms.entrySet()) {
      for (var b : other.terms.entrySet()) {
        merge(result, a.getKey().times(b.getKey()), Math.multiplyExact(a.getValue(), b.getValue()));
      }
      merge(result, a.getKey(), Math.multiplyExact(a.getValue(), other.constant));
    }
    other.terms.forEach((p, factor) -> merge(result, p, Math.multiplyExact(factor, constant)));
    return new Dim(Math.multiplyExact(constant, other.constant), result);
  }

  private static void merge(SortedMap<Product, Long> into, Product product, long factor) {
    if (factor != 0) {
      into.merge(product, factor, (a, b) -> Math.addExact(a, b) == 0 ? null : Math.addExact(a, b));
    }
  }

  /** {@return the quotient, rounded towards −∞} */
  public Dim floorDiv(Dim divisor) {
    if (divisor.is(1)) {
      return this;
    }
    if (isKnown() && divisor.isKnown() && divisor.constant != 0) {
      return of(Math.floorDiv(constant, divisor.constant));
    }
    if (divisor.isKnown() && divisor.constant > 0) {
      long d = divisor.constant;
      TreeMap<Product, Long> whole = new TreeMap<>();
      TreeMap<Product, Long> rest = new TreeMap<>();
      terms.forEach((p, f) -> (f % d == 0 ? whole : rest).put(p, f % d == 0 ? f / d : f));
      long restConstant = rest.isEmpty() ? 0 : Math.floorMod(constant, d);
      long wholeConstant = Math.floorDiv(constant, d);
      Dim exact = new Dim(wholeConstant, whole);
      return rest.isEmpty()
          ? exact
          : exact.plus(ofAtom(new Call(Operator.FLOORDIV, new Dim(restConstant, rest), divisor)));
    }
    if (equals(divisor)) {
      return of(1);
    }
    Dim quotient = dividedExactly(divisor);
    return quotient != null ? quotient : ofAtom(new Call(Operator.FLOORDIV, this, divisor));
  }

  /**
   * Divides every term by a divisor that is one product of atoms; null if a term does not allow it.
   */
  private Dim dividedExactly(Dim divisor) {
    if (constant != 0 || divisor.constant != 0 || divisor.terms.size() != 1) {
      return null;
    }
    Product by = divisor.terms.firstKey();
    long factor = divisor.terms.get(by);
    TreeMap<Product, Long> result = new TreeMap<>();
    long resultConstant = 0;
    for (var term : terms.entrySet()) {
      List<Atom> left = new ArrayList<>(term.getKey().atoms);
      for (Atom atom : by.atoms) {
        if (!left.remove(atom)) {
          return null;
        }
      }
      if (term.getValue() % factor != 0) {
        return null;
      }
      if (left.isEmpty()) {
        resultConstant += term.getValue() / factor;
      } else {
        merge(result, new Product(List.copyOf(left)), term.getValue() / factor);
      }
    }
    return new Dim(resultConstant, result);
  }

  /** {@return the quotient, rounded towards +∞} */
  public Dim ceilDiv(Dim divisor) {
    return times(-1).floorDiv(divisor).times(-1);
  }

  /** {@return the remainder of {@link #floorDiv}} */
  public Dim mod(Dim divisor) {
    if (isKnown() && divisor.isKnown() && divisor.constant != 0) {
      return of(Math.floorMod(constant, divisor.constant));
    }
    if (divisor.is(1) || equals(divisor)) {
      return of(0);
    }
    if (divisor.isKnown() && divisor.constant > 0) {
      long d = divisor.constant;
      TreeMap<Product, Long> rest = new TreeMap<>();
      terms.forEach((p, f) -> merge(rest, p, Math.floorMod(f, d)));
      Dim reduced = new Dim(Math.floorMod(constant, d), rest);
      return reduced.isKnown() ? reduced : ofAtom(new Call(Operator.MOD, reduced, divisor));
    }
    return ofAtom(new Call(Operator.MOD, this, divisor));
  }

  /** {@return the smaller one} */
  public Dim min(Dim other) {
    Dim difference = minus(other);
    if (difference.isKnown()) {
      return difference.constant <= 0 ? this : other;
    }
    return symmetric(Operator.MIN, other);
  }

  /** {@return the larger one} */
  public Dim max(Dim other) {
    Dim difference = minus(other);
    if (difference.isKnown()) {
      return difference.constant >= 0 ? this : other;
    }
    return symmetric(Operator.MAX, other);
  }

  /**
   * {@return the length after broadcasting this axis with another}. A known length above 1 is the
   * result whatever the other one is, because anything else is an error at run time.
   *
   * @throws IllegalArgumentException if both are known and cannot be broadcast
   */
  public Dim broadcast(Dim other) {
    if (equals(other) || other.is(1)) {
      return this;
    }
    if (is(1)) {
      return other;
    }
    if (isKnown() && other.isKnown()) {
      throw new IllegalArgumentException(this + " and " + other + " cannot be broadcast");
    }
    if (isKnown() || other.isKnown()) {
      return isKnown() ? this : other;
    }
    return symmetric(Operator.BROADCAST, other);
  }

  private Dim symmetric(Operator operator, Dim other) {
    boolean ordered = toString().compareTo(other.toString()) <= 0;
    return ofAtom(new Call(operator, ordered ? this : other, ordered ? other : this));
  }

  /** {@return the names of all symbols, sorted} */
  public Set<String> symbols() {
    TreeSet<String> names = new TreeSet<>();
    for (Product product : terms.keySet()) {
      for (Atom atom : product.atoms) {
        switch (atom) {
          case Symbol symbol -> names.add(symbol.name);
          case Call call -> {
            names.addAll(call.left.symbols());
            names.addAll(call.right.symbols());
          }
        }
      }
    }
    return names;
  }

  /**
   * {@return this with symbols replaced and normalised again}
   *
   * @param replacement what stands for a symbol; {@code null} keeps it
   */
  public Dim substitute(Function<String, Dim> replacement) {
    Dim result = of(constant);
    for (var term : terms.entrySet()) {
      Dim product = of(term.getValue());
      for (Atom atom : term.getKey().atoms) {
        product =
            product.times(
                switch (atom) {
                  case Symbol symbol -> {
                    Dim dim = replacement.apply(symbol.name);
                    yield dim == null ? ofAtom(symbol) : dim;
                  }
                  case Call call ->
                      apply(
                          call.operator,
                          call.left.substitute(replacement),
                          call.right.substitute(replacement));
                });
      }
      result = result.plus(product);
    }
    return result;
  }

  /** {@return this with numbers for symbols; symbols without a number stay} */
  public Dim evaluate(Map<String, Long> values) {
    return substitute(name -> values.containsKey(name) ? of(values.get(name)) : null);
  }

  static Dim apply(Operator operator, Dim left, Dim right) {
    return switch (operator) {
      case FLOORDIV -> left.floorDiv(right);
      case MOD -> left.mod(right);
      case MIN -> left.min(right);
      case MAX -> left.max(right);
      case BROADCAST -> left.broadcast(right);
    };
  }

  /**
   * {@return the dim of a text such as {@code 3}, {@code N}, {@code 2*N + 1} or {@code floordiv(H +
   * 1, 2)}}
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static Dim parse(String text) {
    return DimParser.parse(text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dim dim && constant == dim.constant && terms.equals(dim.terms);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(constant) * 31 + terms.hashCode();
  }

  /** {@return the text form, which {@link #parse} reads} */
  @Override
  public String toString() {
    if (isKnown()) {
      return Long.toString(constant);
    }
    StringBuilder out = new StringBuilder();
    terms.forEach(
        (product, factor) -> {
          if (out.isEmpty()) {
            out.append(factor < 0 ? "-" : "");
          } else {
            out.append(factor < 0 ? " - " : " + ");
          }
          if (Math.abs(factor) != 1) {
            out.append(Math.abs(factor)).append('*');
          }
          for (int i = 0; i < product.atoms.size(); i++) {
            out.append(i == 0 ? "" : "*").append(product.atoms.get(i));
          }
        });
    if (constant != 0) {
      out.append(constant < 0 ? " - " : " + ").append(Math.abs(constant));
    }
    return out.toString();
  }
}
