package dev.isomorph.runtime.cpu;

/** Discrete Fourier transforms of any length. */
final class Fourier {
  private Fourier() {}

  /**
   * Transforms in place: {@code X[k] = Σ x[n]·e^(∓2πi·kn/N)}, divided by N when inverse.
   *
   * @param re real parts
   * @param im imaginary parts
   */
  static void transform(double[] re, double[] im, boolean inverse) {
    int n = re.length;
    double sign = inverse ? 1 : -1;
    if (n > 0 && (n & (n - 1)) == 0) {
      radix2(re, im, sign);
    } else {
      direct(re, im, sign);
    }
    if (inverse) {
      for (int i = 0; i < n; i++) {
        re[i] /= n;
        im[i] /= n;
      }
    }
  }

  private static void direct(double[] re, double[] im, double sign) {
    int n = re.length;
    double[] cos = new double[n];
    double[] sin = new double[n];
    for (int i = 0; i < n; i++) {
      cos[i] = Math.cos(2 * Math.PI * i / n);
      sin[i] = sign * Math.sin(2 * Math.PI * i / n);
    }
    double[] outRe = new double[n];
    double[] outIm = new double[n];
    for (int k = 0; k < n; k++) {
      for (int t = 0; t < n; t++) {
        int at = (int) ((long) k * t % n);
        outRe[k] += re[t] * cos[at] - im[t] * sin[at];
        outIm[k] += re[t] * sin[at] + im[t] * cos[at];
      }
    }
    System.arraycopy(outRe, 0, re, 0, n);
    System.arraycopy(outIm, 0, im, 0, n);
  }

  private static void radix2(double[] re, double[] im, double sign) {
    int n = re.length;
    for (int i = 0, j = 0; i < n; i++) {
      if (i < j) {
        double t = re[i];
        re[i] = re[j];
        re[j] = t;
        t = im[i];
        im[i] = im[j];
        im[j] = t;
      }
      int bit = n >> 1;
      while (bit > 0 && (j & bit) != 0) {
        j ^= bit;
        bit >>= 1;
      }
      j |= bit;
    }
    for (int size = 2; size <= n; size *= 2) {
      for (int k = 0; k < size / 2; k++) {
        double angle = sign * 2 * Math.PI * k / size;
        double wr = Math.cos(angle);
        double wi = Math.sin(angle);
        for (int i = k; i < n; i += size) {
          int j = i + size / 2;
          double tr = re[j] * wr - im[j] * wi;
          double ti = re[j] * wi + im[j] * wr;
          re[j] = re[i] - tr;
          im[j] = im[i] - ti;
          re[i] += tr;
          im[i] += ti;
        }
      }
    }
  }
}
