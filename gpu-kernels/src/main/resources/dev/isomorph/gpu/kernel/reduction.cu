// Reductions over any axes: one block for each element of the result. `plan` holds the kept dims and their strides, then the
// reduced dims and theirs. KIND says what is computed.
#define SUM 0
#define MEAN 1
#define L1 2
#define L2 3
#define SUM_SQUARE 4
#define LOG_SUM 5
#define PRODUCT 6
#define LARGEST 7
#define SMALLEST 8
#define LOG_SUM_EXP 9

__device__ __forceinline__ REAL neutral() {
  return KIND == LARGEST ? (REAL)-INFINITY : KIND == SMALLEST ? (REAL)INFINITY : KIND == PRODUCT ? (REAL)1 : (REAL)0;
}

__device__ __forceinline__ REAL combine(REAL a, REAL b) {
  return KIND == LARGEST ? real_max(a, b) : KIND == SMALLEST ? real_min(a, b) : KIND == PRODUCT ? a * b : a + b;
}

__device__ __forceinline__ REAL term(REAL x, REAL largest) {
  return KIND == L1                               ? real_abs(x)
         : KIND == L2 || KIND == SUM_SQUARE       ? x * x
         : KIND == LOG_SUM_EXP                    ? real_exp(x - largest)
                                                  : x;
}

__device__ __forceinline__ REAL finish(REAL value, long long length, REAL largest) {
  return KIND == MEAN          ? value / (REAL)length
         : KIND == L2          ? real_sqrt(value)
         : KIND == LOG_SUM     ? real_log(value)
         : KIND == LOG_SUM_EXP ? largest + real_log(value)
                               : value;
}

extern "C" __global__ void reduce(long long groups, long long length, int kept, int reduced, const long long* plan, const REAL* x,
                                  REAL* y) {
  const long long* reduced_plan = plan + 2 * kept;
  for (long long group = blockIdx.x; group < groups; group += gridDim.x) {
    const REAL* first = x + strided_place(group, kept, plan, plan + kept);
    REAL largest = 0;
    if (KIND == LOG_SUM_EXP) {
      REAL part = -INFINITY;
      for (long long i = threadIdx.x; i < length; i += blockDim.x) {
        part = real_max(part, first[strided_place(i, reduced, reduced_plan, reduced_plan + reduced)]);
      }
      largest = block_reduce(part, [](REAL a, REAL b) { return real_max(a, b); });
    }
    REAL part = neutral();
    for (long long i = threadIdx.x; i < length; i += blockDim.x) {
      part = combine(part, term(first[strided_place(i, reduced, reduced_plan, reduced_plan + reduced)], largest));
    }
    const REAL whole = block_reduce(part, [](REAL a, REAL b) { return combine(a, b); });
    // An infinite largest element is the result: the terms relative to it would be NaN.
    const bool saturated = KIND == LOG_SUM_EXP && largest - largest != 0 && largest == largest;
    if (threadIdx.x == 0) y[group] = saturated ? largest : finish(whole, length, largest);
  }
}

// The place of the extreme along one axis. NaN is the extreme where there is one, and -0 equals +0; of equal ones the first or
// the last is taken.
struct Candidate {
  REAL value;
  long long place;
};

extern "C" __global__ void arg_extreme(long long lines, long long length, long long inner, int largest, int last, const REAL* x,
                                       long long* y) {
  auto better = [=](Candidate a, Candidate b) {
    if (a.place < 0 || b.place < 0) return a.place < 0 ? b : a;
    const bool a_nan = a.value != a.value;
    const bool b_nan = b.value != b.value;
    if (a_nan != b_nan) return a_nan ? a : b;
    if (!a_nan && a.value != b.value) return (a.value > b.value) == (largest != 0) ? a : b;
    return (a.place < b.place) == (last == 0) ? a : b;
  };
  for (long long line = blockIdx.x; line < lines; line += gridDim.x) {
    const long long first = line / inner * length * inner + line % inner;
    Candidate part = {0, -1};
    for (long long i = threadIdx.x; i < length; i += blockDim.x) part = better(part, Candidate{x[first + i * inner], i});
    const Candidate whole = block_reduce(part, better);
    if (threadIdx.x == 0) y[line] = whole.place;
  }
}
