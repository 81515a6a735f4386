package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;

/**
 * The scalar language's functions on tiles of 64-bit integers; truth values are 0 and 1. Narrower
 * types are widened when they are loaded and wrap when they are stored, so that only {@code u64}
 * needs to be told apart.
 */
final class LongTiles {
  private LongTiles() {}

  /**
   * Runs one function.
   *
   * @param bits width of the element type, for shifts
   * @param u64 whether the numbers are unsigned 64-bit integers
   */
  static void run(Fn fn, long[] a, long[] b, long[] c, long[] d, int n, int bits, boolean u64) {
    switch (fn.arity()) {
      case 1 -> {
        for (int i = 0; i < n; i++) {
          d[i] = unary(fn, a[i], u64);
        }
      }
      case 2 -> {
        switch (fn) {
          case ADD -> add(a, b, d, n);
          case SUB -> sub(a, b, d, n);
          case MUL -> mul(a, b, d, n);
          default -> {
            for (int i = 0; i < n; i++) {
              d[i] = binary(fn, a[i], b[i], bits, u64);
            }
          }
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          d[i] = a[i] != 0 ? b[i] : c[i];
        }
      }
    }
  }

  private static void add(long[] a, long[] b, long[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] + b[i];
    }
  }

  private static void sub(long[] a, long[] b, long[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] - b[i];
    }
  }

  private static void mul(long[] a, long[] b, long[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] * b[i];
    }
  }

  private static long unary(Fn fn, long x, boolean u64) {
    return switch (fn) {
      case NEG -> -x;
      case ABS -> u64 ? x : Math.abs(x);
      case SIGN -> u64 ? (x != 0 ? 1 : 0) : Long.signum(x);
      case BITNOT -> ~x;
      case NOT -> x ^ 1;
      default -> throw new IllegalArgumentException(fn + " is not a function of one integer");
    };
  }

  private static long binary(Fn fn, long a, long b, int bits, boolean u64) {
    return switch (fn) {
      case DIV -> u64 ? Long.divideUnsigned(a, nonZero(b)) : a / nonZero(b);
      case MOD -> u64 ? Long.remainderUnsigned(a, nonZero(b)) : Math.floorMod(a, nonZero(b));
      case FMOD -> u64 ? Long.remainderUnsigned(a, nonZero(b)) : a % nonZero(b);
      case POW -> power(a, b, u64);
      case MIN -> less(a, b, u64) ? a : b;
      case MAX -> less(a, b, u64) ? b : a;
      case BITAND, AND -> a & b;
      case BITOR, OR -> a | b;
      case BITXOR, XOR -> a ^ b;
      case SHL -> b < 0 || b >= bits ? 0 : a << b;
      case SHR -> b < 0 || b >= bits ? (u64 || a >= 0 ? 0 : -1) : u64 ? a >>> b : a >> b;
      case LT -> less(a, b, u64) ? 1 : 0;
      case LE -> less(b, a, u64) ? 0 : 1;
      case GT -> less(b, a, u64) ? 1 : 0;
      case GE -> less(a, b, u64) ? 0 : 1;
      case EQ -> a == b ? 1 : 0;
      case NE -> a != b ? 1 : 0;
      default -> throw new IllegalArgumentException(fn + " is not a function of two integers");
    };
  }

  private static boolean less(long a, long b, boolean u64) {
    return u64 ? Long.compareUnsigned(a, b) < 0 : a < b;
  }

  private static long nonZero(long divisor) {
    if (divisor == 0) {
      throw Diagnostic.error(ErrorCode.RUN_FAILED, "an integer is divided by zero").toException();
    }
    return divisor;
  }

  private static long power(long base, long exponent, boolean u64) {
    if (exponent < 0 && !u64) {
      return base == 1 ? 1 : base == -1 ? ((exponent & 1) == 0 ? 1 : -1) : 1 / nonZero(base);
    }
    long result = 1;
    long square = base;
    for (long e = exponent; e != 0; e >>>= 1) {
      if ((e & 1) != 0) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }
}
