// Pooling over up to three spatial axes, one thread for each element of the result. Unused axes have length 1.
struct PoolingShape {
  long long planes;
  long long input[3], kernel[3], output[3];
  long long stride[3], dilation[3], before[3], after[3];
};

// Calls `visit(flat place within the plane)` for every place under a window that lies inside the input, in row-major order.
template <typename Visit>
__device__ __forceinline__ void each_place(const PoolingShape& s, long long position, Visit visit) {
  const long long start0 = position / (s.output[1] * s.output[2]) * s.stride[0] - s.before[0];
  const long long start1 = position / s.output[2] % s.output[1] * s.stride[1] - s.before[1];
  const long long start2 = position % s.output[2] * s.stride[2] - s.before[2];
  for (long long k0 = 0; k0 < s.kernel[0]; k0++) {
    const long long at0 = start0 + k0 * s.dilation[0];
    if (at0 < 0 || at0 >= s.input[0]) continue;
    for (long long k1 = 0; k1 < s.kernel[1]; k1++) {
      const long long at1 = start1 + k1 * s.dilation[1];
      if (at1 < 0 || at1 >= s.input[1]) continue;
      for (long long k2 = 0; k2 < s.kernel[2]; k2++) {
        const long long at2 = start2 + k2 * s.dilation[2];
        if (at2 >= 0 && at2 < s.input[2]) visit((at0 * s.input[1] + at1) * s.input[2] + at2);
      }
    }
  }
}

// The largest element; NaN wins. `indices`, if given, receives its place in the whole input; -1 for a window of padding alone.
extern "C" __global__ void max_pool(PoolingShape s, const REAL* x, REAL* y, long long* indices, int column_major) {
  const long long plane = s.output[0] * s.output[1] * s.output[2];
  const long long input_plane = s.input[0] * s.input[1] * s.input[2];
  for (long long i = first_index(); i < s.planes * plane; i += index_step()) {
    const long long first = i / plane * input_plane;
    REAL best = -INFINITY;
    long long where = -1;
    each_place(s, i % plane, [&](long long place) {
      const REAL value = x[first + place];
      if (where < 0 || value > best || (value != value && best == best)) {
        best = value;
        where = place;
      }
    });
    y[i] = best;
    if (!indices) continue;
    if (column_major && where >= 0) {
      const long long at0 = where / (s.input[1] * s.input[2]);
      const long long at1 = where / s.input[2] % s.input[1];
      const long long at2 = where % s.input[2];
      where = at0 + s.input[0] * (at1 + s.input[1] * at2);
    }
    indices[i] = where < 0 ? -1 : first + where;
  }
}

// The number of a window's places that lie inside the padded input: what hangs over its end never counts.
__device__ __forceinline__ long long padded_places(const PoolingShape& s, int axis, long long output) {
  const long long room = s.input[axis] + s.after[axis] - (output * s.stride[axis] - s.before[axis]);
  const long long places = (room + s.dilation[axis] - 1) / s.dilation[axis];
  return room <= 0 ? 0 : places < s.kernel[axis] ? places : s.kernel[axis];
}

// The mean. With `include_pad` padding counts as zeros.
extern "C" __global__ void average_pool(PoolingShape s, const REAL* x, REAL* y, int include_pad) {
  const long long plane = s.output[0] * s.output[1] * s.output[2];
  const long long input_plane = s.input[0] * s.input[1] * s.input[2];
  for (long long i = first_index(); i < s.planes * plane; i += index_step()) {
    const long long first = i / plane * input_plane;
    const long long position = i % plane;
    REAL sum = 0;
    long long count = 0;
    each_place(s, position, [&](long long place) {
      sum += x[first + place];
      count++;
    });
    if (include_pad) {
      count = padded_places(s, 0, position / (s.output[1] * s.output[2])) *
              padded_places(s, 1, position / s.output[2] % s.output[1]) * padded_places(s, 2, position % s.output[2]);
    }
    y[i] = sum / (REAL)count;
  }
}
