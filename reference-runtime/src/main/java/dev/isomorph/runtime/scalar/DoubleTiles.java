package dev.isomorph.runtime.scalar;

import dev.isomorph.runtime.math.SpecialFunctions;

/**
 * The scalar language's functions on tiles of doubles; truth values are 0 and 1. The target may be
 * one of the operands. Each function is a loop of its own so that it is compiled on its own.
 */
final class DoubleTiles {
  private static final long INFINITY = Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);

  private DoubleTiles() {}

  static void run(Fn fn, double[] a, double[] b, double[] c, double[] d, int n) {
    switch (fn) {
      case NEG -> neg(a, d, n);
      case ABS -> abs(a, d, n);
      case SIGN -> sign(a, d, n);
      case FLOOR -> floor(a, d, n);
      case CEIL -> ceil(a, d, n);
      case RINT -> rint(a, d, n);
      case SQRT -> sqrt(a, d, n);
      case NOT -> not(a, d, n);
      case ISNAN -> isNaN(a, d, n);
      case ISINF -> isInf(a, d, n);
      case ADD -> add(a, b, d, n);
      case SUB -> sub(a, b, d, n);
      case MUL -> mul(a, b, d, n);
      case DIV -> div(a, b, d, n);
      case MIN -> min(a, b, d, n);
      case MAX -> max(a, b, d, n);
      case MOD, FMOD, POW -> slowBinary(fn, a, b, d, n);
      case LT, LE, GT, GE, EQ, NE -> compare(fn, a, b, d, n);
      case AND -> mul(a, b, d, n);
      case OR -> max(a, b, d, n);
      case XOR -> compare(Fn.NE, a, b, d, n);
      case SELECT -> select(a, b, c, d, n);
      case BITNOT, BITAND, BITOR, BITXOR, SHL, SHR ->
          throw new IllegalArgumentException(fn + " is not a function of floats");
      default -> transcendental(fn, a, d, n);
    }
  }

  private static void neg(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = -a[i];
    }
  }

  private static void abs(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.abs(a[i]);
    }
  }

  private static void sign(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.signum(a[i]);
    }
  }

  private static void floor(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.floor(a[i]);
    }
  }

  private static void ceil(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.ceil(a[i]);
    }
  }

  private static void rint(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.rint(a[i]);
    }
  }

  private static void sqrt(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.sqrt(a[i]);
    }
  }

  private static void not(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = 1 - a[i];
    }
  }

  private static void isNaN(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] != a[i] ? 1 : 0;
    }
  }

  private static void isInf(double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.abs(a[i]) == Double.POSITIVE_INFINITY ? 1 : 0;
    }
  }

  private static void add(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] + b[i];
    }
  }

  private static void sub(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] - b[i];
    }
  }

  private static void mul(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] * b[i];
    }
  }

  private static void div(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] / b[i];
    }
  }

  private static void min(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.min(a[i], b[i]);
    }
  }

  private static void max(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = Math.max(a[i], b[i]);
    }
  }

  /** By masks: a branch on data is mispredicted half of the time. */
  private static void select(double[] a, double[] b, double[] c, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      long mask = -(long) a[i];
      long yes = Double.doubleToRawLongBits(b[i]) & mask;
      long no = Double.doubleToRawLongBits(c[i]) & ~mask;
      d[i] = Double.longBitsToDouble(yes | no);
    }
  }

  private static void compare(Fn fn, double[] a, double[] b, double[] d, int n) {
    switch (fn) {
      case LT -> less(a, b, d, n);
      case LE -> lessOrEqual(a, b, d, n);
      case GT -> less(b, a, d, n);
      case GE -> lessOrEqual(b, a, d, n);
      case EQ -> {
        for (int i = 0; i < n; i++) {
          d[i] = a[i] == b[i] ? 1 : 0;
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          d[i] = a[i] != b[i] ? 1 : 0;
        }
      }
    }
  }

  private static void less(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = below(ordered(a[i]), ordered(b[i])) & ~unordered(a[i], b[i]);
    }
  }

  private static void lessOrEqual(double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = ~(below(ordered(b[i]), ordered(a[i])) | unordered(a[i], b[i])) & 1;
    }
  }

  /** The bits as an integer of the same order; adding zero makes −0 the same as +0. */
  private static long ordered(double x) {
    long bits = Double.doubleToRawLongBits(x + 0.0);
    return bits ^ (bits >> 63) >>> 1;
  }

  /** 1 if x is less, by the sign of the difference and without a branch on data. */
  private static long below(long x, long y) {
    long difference = x - y;
    return (difference ^ (x ^ y) & (difference ^ x)) >>> 63;
  }

  /** 1 if one of them is NaN. */
  private static long unordered(double a, double b) {
    long x = Double.doubleToRawLongBits(a) & Long.MAX_VALUE;
    long y = Double.doubleToRawLongBits(b) & Long.MAX_VALUE;
    return (INFINITY - x | INFINITY - y) >>> 63;
  }

  private static void slowBinary(Fn fn, double[] a, double[] b, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] =
          switch (fn) {
            case MOD -> SpecialFunctions.floorMod(a[i], b[i]);
            case FMOD -> a[i] % b[i];
            default -> SpecialFunctions.pow(a[i], b[i]);
          };
    }
  }

  private static void transcendental(Fn fn, double[] a, double[] d, int n) {
    for (int i = 0; i < n; i++) {
      double x = a[i];
      d[i] =
          switch (fn) {
            case EXP -> Math.exp(x);
            case EXPM1 -> Math.expm1(x);
            case LOG -> Math.log(x);
            case LOG1P -> Math.log1p(x);
            case ERF -> SpecialFunctions.erf(x);
            case ERFC -> SpecialFunctions.erfc(x);
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case TAN -> Math.tan(x);
            case ASIN -> Math.asin(x);
            case ACOS -> Math.acos(x);
            case ATAN -> Math.atan(x);
            case SINH -> Math.sinh(x);
            case COSH -> Math.cosh(x);
            case TANH -> Math.tanh(x);
            case ASINH -> SpecialFunctions.asinh(x);
            case ACOSH -> SpecialFunctions.acosh(x);
            case ATANH -> SpecialFunctions.atanh(x);
            default -> throw new IllegalArgumentException(fn + " is not a function of one float");
          };
    }
  }
}
