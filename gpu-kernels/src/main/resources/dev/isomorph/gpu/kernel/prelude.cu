// Stands before every other source. NVRTC has no headers: what they would define and a kernel needs is here.
#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

// One number for f32 and f64 sources alike; the macro REAL is the type.
__device__ __forceinline__ float real_fma(float a, float b, float c) { return fmaf(a, b, c); }
__device__ __forceinline__ double real_fma(double a, double b, double c) { return fma(a, b, c); }
__device__ __forceinline__ float real_exp(float x) { return expf(x); }
__device__ __forceinline__ double real_exp(double x) { return exp(x); }
__device__ __forceinline__ float real_log(float x) { return logf(x); }
__device__ __forceinline__ double real_log(double x) { return log(x); }
__device__ __forceinline__ float real_sqrt(float x) { return sqrtf(x); }
__device__ __forceinline__ double real_sqrt(double x) { return sqrt(x); }
__device__ __forceinline__ float real_abs(float x) { return fabsf(x); }
__device__ __forceinline__ double real_abs(double x) { return fabs(x); }

// NaN if either is NaN; -0 is less than +0.
template <typename T>
__device__ __forceinline__ T real_max(T a, T b) {
  return a != a ? a : b != b ? b : a > b ? a : b > a ? b : (T)1 / a < 0 ? b : a;
}
template <typename T>
__device__ __forceinline__ T real_min(T a, T b) {
  return a != a ? a : b != b ? b : a < b ? a : b < a ? b : (T)1 / a < 0 ? a : b;
}

__device__ __forceinline__ long long first_index() { return blockIdx.x * (long long)blockDim.x + threadIdx.x; }
__device__ __forceinline__ long long index_step() { return (long long)gridDim.x * blockDim.x; }

// Where the element stands that row-major place `at` of an array of these dims has in another array with these strides.
__device__ __forceinline__ long long strided_place(long long at, int rank, const long long* dims, const long long* strides) {
  long long place = 0;
  for (int axis = rank - 1; axis >= 0; axis--) {
    place += at % dims[axis] * strides[axis];
    at /= dims[axis];
  }
  return place;
}
