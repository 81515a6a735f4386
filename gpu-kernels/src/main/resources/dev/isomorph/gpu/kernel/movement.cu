// Operators that move elements without looking into them. CELL is an unsigned integer as wide as an element.

// Copies between two strided views. `plan` holds the dims, the source's strides and the target's.
extern "C" __global__ void copy_strided(long long count, int rank, const long long* plan, const CELL* x, long long x_offset,
                                        CELL* y, long long y_offset) {
  for (long long i = first_index(); i < count; i += index_step()) {
    y[y_offset + strided_place(i, rank, plan, plan + 2 * rank)] = x[x_offset + strided_place(i, rank, plan, plan + rank)];
  }
}

// Transposes the last two axes of batch x rows x columns elements, tile by tile, so that reads and writes both run along lines.
#define TILE 32

extern "C" __global__ void transpose(long long batches, long long rows, long long columns, const CELL* x, CELL* y) {
  __shared__ CELL tile[TILE][TILE + 1];
  const long long row0 = blockIdx.x / ((columns + TILE - 1) / TILE) * TILE;
  const long long column0 = blockIdx.x % ((columns + TILE - 1) / TILE) * TILE;
  for (long long batch = blockIdx.z; batch < batches; batch += gridDim.z) {
    for (int i = threadIdx.y; i < TILE; i += blockDim.y) {
      const long long row = row0 + i;
      const long long column = column0 + threadIdx.x;
      if (row < rows && column < columns) tile[i][threadIdx.x] = x[(batch * rows + row) * columns + column];
    }
    __syncthreads();
    for (int i = threadIdx.y; i < TILE; i += blockDim.y) {
      const long long row = row0 + threadIdx.x;
      const long long column = column0 + i;
      if (row < rows && column < columns) y[(batch * columns + column) * rows + row] = tile[threadIdx.x][i];
    }
    __syncthreads();
  }
}

extern "C" __global__ void fill(long long count, const CELL* value, CELL* y) {
  for (long long i = first_index(); i < count; i += index_step()) y[i] = *value;
}

#define CONSTANT 0
#define EDGE 1
#define WRAP 2
#define REFLECT 3

// Where a padded place is read along one axis, or -1 for the constant.
__device__ __forceinline__ long long padded_source(long long at, long long length, int mode) {
  if (at >= 0 && at < length) return at;
  if (mode == CONSTANT) return -1;
  if (mode == EDGE) return at < 0 ? 0 : length - 1;
  const long long period = mode == WRAP ? length : length == 1 ? 1 : 2 * (length - 1);
  const long long place = (at % period + period) % period;
  return place < length ? place : period - place;
}

// `plan` holds the result's dims, the operand's dims and strides, and how many places come before it along each axis.
extern "C" __global__ void pad(long long count, int rank, const long long* plan, int mode, const CELL* value, const CELL* x,
                               CELL* y) {
  const long long* lengths = plan + rank;
  const long long* strides = plan + 2 * rank;
  const long long* before = plan + 3 * rank;
  for (long long i = first_index(); i < count; i += index_step()) {
    long long rest = i;
    long long place = 0;
    bool outside = false;
    for (int axis = rank - 1; axis >= 0; axis--) {
      const long long source = padded_source(rest % plan[axis] - before[axis], lengths[axis], mode);
      rest /= plan[axis];
      outside |= source < 0;
      place += source * strides[axis];
    }
    y[i] = outside ? *value : x[place];
  }
}

// Takes slices along one axis of outer x length x inner elements. The smallest place in `indices` with an index that is out of
// range goes to `fault`, which starts as all ones.
extern "C" __global__ void gather(long long outer, long long length, long long inner, long long taken, const INDEX* indices,
                                  const CELL* x, CELL* y, unsigned long long* fault) {
  for (long long i = first_index(); i < outer * taken * inner; i += index_step()) {
    const long long at = i / inner % taken;
    long long index = indices[at];
    if (index < 0) index += length;
    if (index < 0 || index >= length) {
      atomicMin(fault, (unsigned long long)at);
      continue;
    }
    y[i] = x[(i / (taken * inner) * length + index) * inner + i % inner];
  }
}
