// Matrix products C[i] = alpha * A[i] x B[i] + beta * bias for a batch of matrices with any strides.
//
// A block computes a tile of 64 x 64 elements, a thread 4 x 4 of them, spread so that neighbouring threads touch neighbouring
// columns. The sum over k goes from first to last in one fused multiply-add per term, whatever the tile or the batch.
struct GemmShape {
  long long m, n, k;
  long long a_row, a_column, b_row, b_column;
  long long bias_row, bias_column;
  long long batches;
};

#define TILE 64
#define DEPTH 16
#define SIDE 16
#define PER_THREAD (TILE / SIDE)

// `offsets` holds the first element of A for each batch, then that of B; null stands for one batch at 0.
extern "C" __global__ void gemm(
    GemmShape s, const REAL* a, const REAL* b, const long long* offsets, const REAL* bias, REAL alpha, REAL beta, REAL* c) {
  // A column more than needed puts the elements of a column into different banks.
  __shared__ REAL tile_a[DEPTH][TILE + 1];
  __shared__ REAL tile_b[DEPTH][TILE + 1];
  const int thread = threadIdx.y * SIDE + threadIdx.x;
  const long long column_tiles = (s.n + TILE - 1) / TILE;
  const long long row0 = blockIdx.x / column_tiles * TILE;
  const long long column0 = blockIdx.x % column_tiles * TILE;

  for (long long batch = blockIdx.z; batch < s.batches; batch += gridDim.z) {
    const REAL* batch_a = a + (offsets ? offsets[batch] : 0);
    const REAL* batch_b = b + (offsets ? offsets[s.batches + batch] : 0);
    REAL sums[PER_THREAD][PER_THREAD] = {};

    for (long long k0 = 0; k0 < s.k; k0 += DEPTH) {
      for (int i = thread; i < TILE * DEPTH; i += SIDE * SIDE) {
        // Neighbouring threads read along the axis that lies together in memory.
        const int row = s.a_row == 1 ? i % TILE : i / DEPTH;
        const int depth_a = s.a_row == 1 ? i / TILE : i % DEPTH;
        const bool inside_a = row0 + row < s.m && k0 + depth_a < s.k;
        tile_a[depth_a][row] = inside_a ? batch_a[(row0 + row) * s.a_row + (k0 + depth_a) * s.a_column] : (REAL)0;
        const int column = s.b_column == 1 ? i % TILE : i / DEPTH;
        const int depth_b = s.b_column == 1 ? i / TILE : i % DEPTH;
        const bool inside_b = column0 + column < s.n && k0 + depth_b < s.k;
        tile_b[depth_b][column] = inside_b ? batch_b[(k0 + depth_b) * s.b_row + (column0 + column) * s.b_column] : (REAL)0;
      }
      __syncthreads();
      const int depth = s.k - k0 < DEPTH ? (int)(s.k - k0) : DEPTH;
      for (int d = 0; d < depth; d++) {
        REAL left[PER_THREAD], right[PER_THREAD];
#pragma unroll
        for (int i = 0; i < PER_THREAD; i++) {
          left[i] = tile_a[d][threadIdx.y + i * SIDE];
          right[i] = tile_b[d][threadIdx.x + i * SIDE];
        }
#pragma unroll
        for (int i = 0; i < PER_THREAD; i++) {
#pragma unroll
          for (int j = 0; j < PER_THREAD; j++) sums[i][j] = real_fma(left[i], right[j], sums[i][j]);
        }
      }
      __syncthreads();
    }

#pragma unroll
    for (int i = 0; i < PER_THREAD; i++) {
#pragma unroll
      for (int j = 0; j < PER_THREAD; j++) {
        const long long row = row0 + threadIdx.y + i * SIDE;
        const long long column = column0 + threadIdx.x + j * SIDE;
        if (row >= s.m || column >= s.n) continue;
        REAL value = alpha * sums[i][j];
        if (bias) value += beta * bias[row * s.bias_row + column * s.bias_column];
        c[(batch * s.m + row) * s.n + column] = value;
      }
    }
  }
}
