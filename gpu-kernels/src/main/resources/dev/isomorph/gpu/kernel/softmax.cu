// Softmax and its logarithm along one axis of outer x length x inner elements: one block for each line.
extern "C" __global__ void softmax(long long lines, long long length, long long inner, const REAL* x, REAL* y, int logarithm) {
  for (long long line = blockIdx.x; line < lines; line += gridDim.x) {
    const long long first = line / inner * length * inner + line % inner;
    REAL part = -INFINITY;
    for (long long i = threadIdx.x; i < length; i += blockDim.x) part = real_max(part, x[first + i * inner]);
    const REAL largest = block_reduce(part, [](REAL a, REAL b) { return real_max(a, b); });
    part = 0;
    for (long long i = threadIdx.x; i < length; i += blockDim.x) part += real_exp(x[first + i * inner] - largest);
    const REAL sum = block_reduce(part, [](REAL a, REAL b) { return a + b; });
    const REAL logarithm_of_sum = real_log(sum);
    for (long long i = threadIdx.x; i < length; i += blockDim.x) {
      const REAL shifted = x[first + i * inner] - largest;
      y[first + i * inner] = logarithm ? shifted - logarithm_of_sum : real_exp(shifted) / sum;
    }
  }
}
