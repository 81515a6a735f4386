package dev.isomorph.ir.shape;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
 * equal as objects are equal for every value of their symbols that divides nothing by 0. Symbols
 * stand for integers of at least 0. Immutable. Arithmetic that leaves 63 bits, divides by 0 or
 * makes an expression of more than {@link #MAX_PARTS} parts is an {@link ArithmeticException}.
 */
public final class Dim {
  /** The most symbols, calls and terms of one expression. */
  public static final int MAX_PARTS = 2000;

  private static final int MAX_DIVISION_STEPS = 100;

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
    int parts();

    @Override
    default int compareTo(Atom other) {
      return toString().compareTo(other.toString());
    }
  }

  private record Symbol(String name) implements Atom {
    @Override
    public int parts() {
      return 1;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record Call(Operator operator, Dim left, Dim right) implements Atom {
    @Override
    public int parts() {
      return 1 + left.parts + right.parts;
    }

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
      int order = Integer.compare(other.atoms.size(), atoms.size());
      for (int i = 0; order == 0 && i < atoms.size(); i++) {
        order = atoms.get(i).compareTo(other.atoms.get(i));
      }
      return order;
    }

    Product times(Product other) {
      List<Atom> all = new ArrayList<>(atoms);
      all.addAll(other.atoms);
      Collections.sort(all);
      return new Product(List.copyOf(all));
    }

    /** The other factor of this product, or null if {@code divisor} is no factor. */
    Product without(Product divisor) {
      List<Atom> left = new ArrayList<>(atoms);
      for (Atom atom : divisor.atoms) {
        if (!left.remove(atom)) {
          return null;
        }
      }
      return new Product(List.copyOf(left));
    }
  }

  private final long constant;
  private final SortedMap<Product, Long> terms;
  private final int parts;
  private final int hash;
  private String text;

  private Dim(long constant, SortedMap<Product, Long> terms) {
    this.constant = constant;
    this.terms = terms;
    int count = 1;
    for (Product product : terms.keySet()) {
      for (Atom atom : product.atoms) {
        count += atom.parts();
        if (count > MAX_PARTS) {
          throw new ArithmeticException("a dim has more than " + MAX_PARTS + " parts");
        }
      }
    }
    this.parts = count;
    this.hash = Long.hashCode(constant) * 31 + terms.hashCode();
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

  private static Dim ofProduct(Product product, long factor) {
    TreeMap<Product, Long> terms = new TreeMap<>();
    if (!product.atoms.isEmpty()) {
      terms.put(product, factor);
    }
    return new Dim(product.atoms.isEmpty() ? factor : 0, terms);
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
    if ((long) terms.size() * other.terms.size() > MAX_PARTS) {
      throw new ArithmeticException("a dim has more than " + MAX_PARTS + " parts");
    }
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
    if (divisor.is(0)) {
      throw new ArithmeticException(this + " is divided by 0");
    }
    if (divisor.isKnown()) {
      return divisor.constant > 0
          ? floorDiv(divisor.constant)
          : times(-1).floorDiv(divisor.times(-1));
    }
    Dim quotient = dividedExactly(divisor);
    return quotient != null ? quotient : ofAtom(new Call(Operator.FLOORDIV, this, divisor));
  }

  private Dim floorDiv(long d) {
    if (isKnown()) {
      return of(Math.floorDiv(constant, d));
    }
    if (d == 1) {
      return this;
    }
    if (terms.values().iterator().next() < 0) {
      return times(-1).plus(d - 1).floorDiv(d).times(-1);
    }
    // Whole multiples of d leave the quotient; what is left has factors between 0 and d.
    TreeMap<Product, Long> whole = new TreeMap<>();
    TreeMap<Product, Long> rest = new TreeMap<>();
    long common = d;
    for (var term : terms.entrySet()) {
      merge(whole, term.getKey(), Math.floorDiv(term.getValue(), d));
      merge(rest, term.getKey(), Math.floorMod(term.getValue(), d));
      common = gcd(common, Math.floorMod(term.getValue(), d));
    }
    Dim exact = new Dim(Math.floorDiv(constant, d), whole);
    if (rest.isEmpty()) {
      return exact;
    }
    long shared = common;
    rest.replaceAll((_, factor) -> factor / shared);
    long divisor = d / shared;
    Dim numerator = new Dim(Math.floorDiv(Math.floorMod(constant, d), shared), rest);
    Call inner = numerator.onlyQuotient();
    if (inner != null) {
      // floor((floor(y / e) + z) / d) = floor((y + e z) / (d e))
      long e = inner.right.constant;
      Dim others = numerator.minus(ofAtom(inner));
      return exact.plus(inner.left.plus(others.times(e)).floorDiv(Math.multiplyExact(divisor, e)));
    }
    return exact.plus(ofAtom(new Call(Operator.FLOORDIV, numerator, of(divisor))));
  }

  /** The one term that is a quotient by a number, taken once; null for none or several. */
  private Call onlyQuotient() {
    Call found = null;
    for (var term : terms.entrySet()) {
      if (term.getKey().atoms.size() == 1
          && term.getKey().atoms.getFirst() instanceof Call call
          && call.operator == Operator.FLOORDIV
          && call.right.isKnown()) {
        if (found != null || term.getValue() != 1) {
          return null;
        }
        found = call;
      }
    }
    return found;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** Long division of polynomials; null if it leaves a remainder. */
  private Dim dividedExactly(Dim divisor) {
    Product lead = divisor.terms.firstKey();
    long factor = divisor.terms.get(lead);
    Dim rest = this;
    Dim quotient = of(0);
    for (int step = 0; step < MAX_DIVISION_STEPS; step++) {
      if (rest.is(0)) {
        return quotient;
      }
      if (rest.isKnown()) {
        return null;
      }
      Product product = rest.terms.firstKey().without(lead);
      long dividend = rest.terms.get(rest.terms.firstKey());
      if (product == null || dividend % factor != 0) {
        return null;
      }
      Dim part = ofProduct(product, dividend / factor);
      quotient = quotient.plus(part);
      rest = rest.minus(part.times(divisor));
    }
    return null;
  }

  /** {@return the quotient, rounded towards +∞} */
  public Dim ceilDiv(Dim divisor) {
    return times(-1).floorDiv(divisor).times(-1);
  }

  /** {@return the remainder of {@link #floorDiv}} */
  public Dim mod(Dim divisor) {
    if (divisor.is(0)) {
      throw new ArithmeticException(this + " is divided by 0");
    }
    if (isKnown() && divisor.isKnown()) {
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
      if (reduced.isKnown()) {
        return reduced;
      }
      return reduced.isRemainderBelow(d)
          ? reduced
          : ofAtom(new Call(Operator.MOD, reduced, divisor));
    }
    return ofAtom(new Call(Operator.MOD, this, divisor));
  }

  private boolean isRemainderBelow(long d) {
    return constant == 0
        && terms.size() == 1
        && terms.get(terms.firstKey()) == 1
        && terms.firstKey().atoms.size() == 1
        && terms.firstKey().atoms.getFirst() instanceof Call call
        && call.operator == Operator.MOD
        && call.right.isKnown()
        && call.right.constant > 0
        && call.right.constant <= d;
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

  // These operators are commutative, associative and idempotent: a nest of one is a sorted set.
  private Dim symmetric(Operator operator, Dim other) {
    List<Dim> operands = new ArrayList<>();
    addOperands(operator, operands);
    other.addOperands(operator, operands);
    operands.sort(Comparator.comparing(Dim::toString));
    Dim result = operands.getFirst();
    for (Dim operand : operands.subList(1, operands.size())) {
      result = ofAtom(new Call(operator, result, operand));
    }
    return result;
  }

  private void addOperands(Operator operator, List<Dim> into) {
    if (constant == 0
        && terms.size() == 1
        && terms.get(terms.firstKey()) == 1
        && terms.firstKey().atoms.size() == 1
        && terms.firstKey().atoms.getFirst() instanceof Call call
        && call.operator == operator) {
      call.left.addOperands(operator, into);
      call.right.addOperands(operator, into);
      return;
    }
    for (int i = 0; i < into.size(); i++) {
      Dim difference = minus(into.get(i));
      if (difference.is(0)) {
        return;
      }
      if (difference.isKnown() && operator != Operator.BROADCAST) {
        boolean replaces = operator == Operator.MIN == difference.constant < 0;
        if (replaces) {
          into.set(i, this);
        }
        return;
      }
    }
    into.add(this);
  }

  /** {@return how large the expression is: its symbols, calls and terms} */
  public int parts() {
    return parts;
  }

  /** {@return a number that this is never below, if one can be told from the form alone} */
  public OptionalLong lowerBound() {
    long bound = constant;
    for (var term : terms.entrySet()) {
      long product = 1;
      for (Atom atom : term.getKey().atoms) {
        OptionalLong factor = lowerBound(atom);
        if (factor.isEmpty() || factor.getAsLong() < 0) {
          return OptionalLong.empty();
        }
        product = Math.multiplyExact(product, factor.getAsLong());
      }
      if (term.getValue() < 0) {
        return OptionalLong.empty();
      }
      bound = Math.addExact(bound, Math.multiplyExact(product, term.getValue()));
    }
    return OptionalLong.of(bound);
  }

  /** {@return whether this is known to be at least {@code value} for all values of the symbols} */
  public boolean isAtLeast(long value) {
    OptionalLong bound = lowerBound();
    return bound.isPresent() && bound.getAsLong() >= value;
  }

  private static OptionalLong lowerBound(Atom atom) {
    if (!(atom instanceof Call(Operator operator, Dim left, Dim right))) {
      return OptionalLong.of(0);
    }
    OptionalLong a = left.lowerBound();
    OptionalLong b = right.lowerBound();
    boolean both = a.isPresent() && b.isPresent();
    return switch (operator) {
      case FLOORDIV ->
          a.isPresent() && right.isKnown() && right.constant > 0
              ? OptionalLong.of(Math.floorDiv(a.getAsLong(), right.constant))
              : both && a.getAsLong() >= 0 && b.getAsLong() > 0
                  ? OptionalLong.of(0)
                  : OptionalLong.empty();
      case MOD -> right.isAtLeast(1) ? OptionalLong.of(0) : OptionalLong.empty();
      case MIN ->
          both ? OptionalLong.of(Math.min(a.getAsLong(), b.getAsLong())) : OptionalLong.empty();
      case MAX ->
          both ? OptionalLong.of(Math.max(a.getAsLong(), b.getAsLong())) : a.isPresent() ? a : b;
      case BROADCAST -> OptionalLong.of(0);
    };
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
    return other instanceof Dim dim
        && hash == dim.hash
        && constant == dim.constant
        && terms.equals(dim.terms);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** {@return the text form, which {@link #parse} reads} */
  @Override
  public String toString() {
    if (text == null) {
      text = print();
    }
    return text;
  }

  private String print() {
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
