// Conversion between element types FROM and TO, one rounding. Floats become integers by truncation; what does not fit 64 bits
// is the nearest that does, then the result's low bits count, and NaN is 0.
__device__ __forceinline__ long long truncated(double x) {
  return x != x ? 0 : x >= 9223372036854775808.0 ? 0x7fffffffffffffffLL : x < -9223372036854775808.0 ? -0x7fffffffffffffffLL - 1 : (long long)x;
}

template <typename T>
struct Converted {
  template <typename F>
  static __device__ __forceinline__ T of(F x) { return (T)x; }
  static __device__ __forceinline__ T of(float x) { return (T)truncated(x); }
  static __device__ __forceinline__ T of(double x) { return (T)truncated(x); }
};
template <>
struct Converted<float> {
  template <typename F>
  static __device__ __forceinline__ float of(F x) { return (float)x; }
};
template <>
struct Converted<double> {
  template <typename F>
  static __device__ __forceinline__ double of(F x) { return (double)x; }
};
template <>
struct Converted<bool> {
  template <typename F>
  static __device__ __forceinline__ bool of(F x) { return x != (F)0; }
};

extern "C" __global__ void cast(long long count, const FROM* x, TO* y) {
  for (long long i = first_index(); i < count; i += index_step()) y[i] = Converted<TO>::of(x[i]);
}
