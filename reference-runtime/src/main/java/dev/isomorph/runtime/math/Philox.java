package dev.isomorph.runtime.math;

/**
 * Counter-based random numbers: Philox 4×32 with ten rounds (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", 2011). The n-th number is a function of key and n alone, so that it
 * is the same on every device and for any number of threads. Immutable.
 *
 * @param key the seed
 * @param stream which sequence of that seed
 */
public record Philox(long key, long stream) {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;

  /** {@return block {@code n}: four words of 32 bits} */
  public int[] block(long n) {
    int c0 = (int) n;
    int c1 = (int) (n >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
      long p1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return new int[] {c0, c1, c2, c3};
  }

  /** {@return the {@code n}-th number of [0, 1), a multiple of 2⁻⁵³} */
  public double uniform(long n) {
    int[] words = block(n >>> 1);
    int at = (int) (n & 1) * 2;
    long bits = (words[at] & 0xFFFFFFFFL) << 32 | words[at + 1] & 0xFFFFFFFFL;
    return (bits >>> 11) * 0x1p-53;
  }

  /** {@return the {@code n}-th number of the standard normal distribution, by Box and Muller} */
  public double normal(long n) {
    double radius = Math.sqrt(-2 * Math.log(1 - uniform(2 * (n >>> 1))));
    double angle = 2 * Math.PI * uniform(2 * (n >>> 1) + 1);
    return radius * ((n & 1) == 0 ? Math.cos(angle) : Math.sin(angle));
  }
}
