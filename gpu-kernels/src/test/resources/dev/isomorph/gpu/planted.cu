// Kernels with planted faults, and one without: what the emulation must find and must not.
extern "C" __global__ void tree(const float* x, float* y) {
  __shared__ float parts[64];
  parts[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  for (int half = 32; half > 0; half /= 2) {
    if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) y[0] = parts[0];
}

extern "C" __global__ void missing_barrier(const float* x, float* y) {
  __shared__ float parts[64];
  parts[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = parts[63 - threadIdx.x];
}

extern "C" __global__ void divergent_barrier(const float* x, float* y) {
  if (threadIdx.x < 40) __syncthreads();
  y[threadIdx.x] = x[threadIdx.x];
}

extern "C" __global__ void barrier_for_one_warp(const float* x, float* y) {
  if (threadIdx.x < 32) __syncthreads();
  y[threadIdx.x] = x[threadIdx.x];
}

extern "C" __global__ void divergent_shuffle(const float* x, float* y) {
  float value = x[threadIdx.x];
  if (threadIdx.x % 2) value = __shfl_xor_sync(~0u, value, 2);
  y[threadIdx.x] = value;
}

extern "C" __global__ void warp_sum(const float* x, float* y) {
  float value = x[threadIdx.x];
  for (int mask = 16; mask > 0; mask /= 2) value += __shfl_xor_sync(~0u, value, mask);
  y[threadIdx.x] = value;
}

extern "C" __global__ void write_behind(const float* x, float* y) { y[threadIdx.x + 1] = x[threadIdx.x]; }

extern "C" __global__ void read_before(const float* x, float* y) { y[threadIdx.x] = x[(int)threadIdx.x - 1]; }

extern "C" __global__ void blocks_collide(const float* x, float* y) {
  if (threadIdx.x == 0) y[0] = x[blockIdx.x];
}

extern "C" __global__ void null_pointer(const float* x, float* y) { y[threadIdx.x] = x[threadIdx.x]; }
