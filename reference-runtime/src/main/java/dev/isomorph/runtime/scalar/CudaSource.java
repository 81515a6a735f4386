package dev.isomorph.runtime.scalar;

import dev.isomorph.ir.diagnostic.Diagnostic;
import dev.isomorph.ir.diagnostic.ErrorCode;
import dev.isomorph.ir.tensor.DType;
import java.util.List;
import java.util.Locale;

/**
 * Writes rows of the scalar language as CUDA C++ for NVRTC: no headers, no fast math, no library
 * beyond the built-in functions. {@code f32} is computed in f32 and {@code f64} in f64; integers
 * are computed in 64 bits and wrap when they are stored, as on the CPU. Stateless.
 */
public final class CudaSource {
  private CudaSource() {}

  /**
   * Functions that the generated code calls: once per source file, before any of it. Integer
   * division by zero gives 0 on the device, since a kernel cannot raise an error: the caller checks
   * divisors that are not constants.
   */
  public static final String PREAMBLE =
      """
      template <typename T> __device__ T iso_max(T a, T b) {
        return a != a ? a : b != b ? b : a > b ? a : b > a ? b : (T)(1 / (double)a) < 0 ? b : a;
      }
      template <typename T> __device__ T iso_min(T a, T b) {
        return a != a ? a : b != b ? b : a < b ? a : b < a ? b : (T)(1 / (double)a) < 0 ? a : b;
      }
      template <> __device__ long long iso_max(long long a, long long b) { return a > b ? a : b; }
      template <> __device__ long long iso_min(long long a, long long b) { return a < b ? a : b; }
      template <> __device__ unsigned long long iso_max(unsigned long long a, unsigned long long b) {
        return a > b ? a : b;
      }
      template <> __device__ unsigned long long iso_min(unsigned long long a, unsigned long long b) {
        return a < b ? a : b;
      }
      __device__ double iso_abs(double a) { return fabs(a); }
      __device__ float iso_abs(float a) { return fabsf(a); }
      __device__ long long iso_abs(long long a) { return a < 0 ? -a : a; }
      __device__ unsigned long long iso_abs(unsigned long long a) { return a; }
      template <typename T> __device__ T iso_sign(T a) {
        return a > 0 ? (T)1 : a < 0 ? (T)-1 : a;
      }
      template <typename T> __device__ T iso_div(T a, T b) { return a / b; }
      template <> __device__ long long iso_div(long long a, long long b) {
        return b == 0 ? 0 : b == -1 ? (long long)(0ULL - (unsigned long long)a) : a / b;
      }
      template <> __device__ unsigned long long iso_div(unsigned long long a, unsigned long long b) {
        return b == 0 ? 0 : a / b;
      }
      __device__ double iso_fmod(double a, double b) { return fmod(a, b); }
      __device__ float iso_fmod(float a, float b) { return fmodf(a, b); }
      __device__ long long iso_fmod(long long a, long long b) { return b == 0 || b == -1 ? 0 : a % b; }
      __device__ unsigned long long iso_fmod(unsigned long long a, unsigned long long b) {
        return b == 0 ? 0 : a % b;
      }
      template <typename T> __device__ T iso_mod(T a, T b) {
        T r = iso_fmod(a, b);
        if (r == 0) return b < 0 ? -(T)0 : (T)0;
        return (r < 0) != (b < 0) ? r + b : r;
      }
      __device__ double iso_pow(double a, double b) { return pow(a, b); }
      __device__ float iso_pow(float a, float b) { return powf(a, b); }
      template <typename T> __device__ T iso_ipow(T a, T b) {
        if (b < 0) return a == 1 ? 1 : a == (T)-1 ? ((b & 1) == 0 ? 1 : (T)-1) : 0;
        T r = 1;
        for (T e = b; e != 0; e = (T)((unsigned long long)e >> 1)) { if (e & 1) r *= a; a *= a; }
        return r;
      }
      __device__ long long iso_pow(long long a, long long b) { return iso_ipow(a, b); }
      __device__ unsigned long long iso_pow(unsigned long long a, unsigned long long b) {
        return iso_ipow(a, b);
      }
      template <typename T> __device__ T iso_shl(T a, T b, int bits) {
        return b < 0 || b >= (T)bits ? (T)0 : (T)((unsigned long long)a << b);
      }
      template <typename T> __device__ T iso_shr(T a, T b, int bits) {
        return b < 0 || b >= (T)bits ? (a < 0 ? (T)-1 : (T)0) : (T)(a >> b);
      }
      template <typename T> __device__ bool iso_isinf(T a) { return a == a && a - a != a - a; }
      """;

  /** {@return the CUDA type in which an element type lies in memory} */
  public static String memoryType(DType dtype) {
    return switch (dtype) {
      case F32 -> "float";
      case F64 -> "double";
      case I64 -> "long long";
      case U64 -> "unsigned long long";
      case I32 -> "int";
      case U32 -> "unsigned int";
      case I16 -> "short";
      case U16 -> "unsigned short";
      case I8 -> "signed char";
      case U8 -> "unsigned char";
      case BOOL -> "bool";
      default ->
          throw Diagnostic.error(
                  ErrorCode.UNSUPPORTED_DTYPE,
                  "there is no CUDA code for elements of type %s",
                  dtype)
              .toException();
    };
  }

  /**
   * {@return a function {@code name(operands…, attributes…)} of one element}
   *
   * @param dtype the operands' element type; truth-valued operands are {@code bool}
   */
  public static String function(ScalarOperator operator, DType dtype, String name) {
    TileProgram program = TileProgram.of(operator);
    String type = computeType(dtype);
    StringBuilder out = new StringBuilder("__device__ __forceinline__ ");
    out.append(operator.yieldsTruth() ? "bool" : type).append(' ').append(name).append('(');
    String comma = "";
    for (int i = 0; i < operator.params().size(); i++) {
      out.append(comma).append(paramType(program, i, type)).append(" p").append(i);
      comma = ", ";
    }
    for (int i = 0; i < operator.attributes().size(); i++) {
      out.append(comma).append(type).append(" q").append(i);
      comma = ", ";
    }
    out.append(") {\n");
    List<TileProgram.Step> steps = program.steps();
    for (int s = 0; s < steps.size(); s++) {
      TileProgram.Step step = steps.get(s);
      out.append("  const ")
          .append(step.type() == Expr.Type.TRUTH ? "bool" : type)
          .append(" t")
          .append(s)
          .append(" = ")
          .append(text(step, type, dtype))
          .append(";\n");
    }
    return out.append("  return t").append(steps.size() - 1).append(";\n}\n").toString();
  }

  /**
   * {@return a whole kernel with the function before it}. Its parameters: {@code n} result
   * elements, the result, one pointer per operand, {@code rank} and {@code plan}, then the
   * attributes. With {@code rank} 0 every operand has one element per result element; otherwise
   * {@code plan} is device memory of the merged dims and then each operand's strides, as in {@link
   * Broadcast}. Any grid of one dimension will do.
   *
   * @param dtype the operands' element type
   * @param out the result's element type
   */
  public static String kernel(ScalarOperator operator, DType dtype, DType out, String name) {
    TileProgram program = TileProgram.of(operator);
    String type = computeType(dtype);
    StringBuilder text = new StringBuilder(function(operator, dtype, name + "_element"));
    text.append("extern \"C\" __global__ void ").append(name).append("(long long n, ");
    text.append(memoryType(out)).append("* out");
    int operands = operator.params().size();
    for (int i = 0; i < operands; i++) {
      boolean truth = paramType(program, i, type).equals("bool");
      text.append(", const ").append(truth ? "bool" : memoryType(dtype)).append("* x").append(i);
    }
    text.append(", int rank, const long long* plan");
    for (int i = 0; i < operator.attributes().size(); i++) {
      text.append(", ").append(type).append(" q").append(i);
    }
    text.append(
        """
        ) {
          for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n;
               i += (long long)gridDim.x * blockDim.x) {
        """);
    for (int i = 0; i < operands; i++) {
      text.append("    long long o").append(i).append(" = rank == 0 ? i : 0;\n");
    }
    text.append("    long long rest = i;\n    for (int axis = rank - 1; axis >= 0; axis--) {\n");
    text.append("      const long long at = rest % plan[axis];\n      rest /= plan[axis];\n");
    for (int i = 0; i < operands; i++) {
      text.append(
          String.format(Locale.ROOT, "      o%d += at * plan[rank * %d + axis];%n", i, i + 1));
    }
    text.append("    }\n    out[i] = (").append(memoryType(out)).append(')');
    text.append(name).append("_element(");
    for (int i = 0; i < operands; i++) {
      text.append(i == 0 ? "" : ", ").append('x').append(i).append("[o").append(i).append(']');
    }
    for (int i = 0; i < operator.attributes().size(); i++) {
      text.append(", q").append(i);
    }
    return text.append(");\n  }\n}\n").toString().replace("\r\n", "\n");
  }

  private static String computeType(DType dtype) {
    return switch (dtype) {
      case F32 -> "float";
      case F64 -> "double";
      case BOOL -> "bool";
      case U64 -> "unsigned long long";
      default -> {
        memoryType(dtype);
        yield "long long";
      }
    };
  }

  private static String paramType(TileProgram program, int index, String type) {
    for (TileProgram.Step step : program.steps()) {
      if (step instanceof TileProgram.Load(int param, Expr.Type t) && param == index) {
        return t == Expr.Type.TRUTH ? "bool" : type;
      }
    }
    return type;
  }

  private static String text(TileProgram.Step step, String type, DType dtype) {
    return switch (step) {
      case TileProgram.Load load -> "p" + load.param();
      case TileProgram.Attribute attribute -> "q" + attribute.index();
      case TileProgram.Constant constant -> literal(constant.value(), type);
      case TileProgram.Call call -> call(call, type, dtype);
    };
  }

  private static String literal(double value, String type) {
    return type.equals("double") || type.equals("float")
        ? "(" + type + ")" + (type.equals("float") ? (double) (float) value : value)
        : "(" + type + ")" + (long) value;
  }

  private static String call(TileProgram.Call call, String type, DType dtype) {
    String a = "t" + call.a();
    String b = "t" + call.b();
    String c = "t" + call.c();
    String f = type.equals("float") ? "f" : "";
    return switch (call.fn()) {
      case NEG -> "-" + a;
      case NOT -> "!" + a;
      case BITNOT -> "~" + a;
      case ABS, SIGN -> "iso_" + call.fn().text() + "(" + a + ")";
      case ISNAN -> a + " != " + a;
      case ISINF -> "iso_isinf(" + a + ")";
      case ADD -> a + " + " + b;
      case SUB -> a + " - " + b;
      case MUL -> a + " * " + b;
      case DIV, MOD, FMOD, POW, MIN, MAX -> "iso_" + call.fn().text() + "(" + a + ", " + b + ")";
      case SHL, SHR -> "iso_" + call.fn().text() + "(" + a + ", " + b + ", " + dtype.bits() + ")";
      case BITAND -> a + " & " + b;
      case BITOR -> a + " | " + b;
      case BITXOR -> a + " ^ " + b;
      case AND -> a + " && " + b;
      case OR -> a + " || " + b;
      case XOR, NE -> a + " != " + b;
      case LT -> a + " < " + b;
      case LE -> a + " <= " + b;
      case GT -> a + " > " + b;
      case GE -> a + " >= " + b;
      case EQ -> a + " == " + b;
      case SELECT -> a + " ? " + b + " : " + c;
      default -> call.fn().text() + f + "(" + a + ")";
    };
  }
}
