// Reductions over the threads of a block, whose number is a power of two up to 1024. The tree is always the same, so the result
// does not depend on the order in which threads run. Every thread gets the result.
#define MOST_THREADS 1024

template <typename T, typename Combine>
__device__ T block_reduce(T value, Combine combine) {
  __shared__ T parts[MOST_THREADS];
  parts[threadIdx.x] = value;
  __syncthreads();
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) parts[threadIdx.x] = combine(parts[threadIdx.x], parts[threadIdx.x + half]);
    __syncthreads();
  }
  const T result = parts[0];
  __syncthreads();
  return result;
}
