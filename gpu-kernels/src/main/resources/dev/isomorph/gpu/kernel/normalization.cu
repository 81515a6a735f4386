// Batch normalisation with given statistics of batch x channels x plane elements.
extern "C" __global__ void batch_normalization(long long count, long long channels, long long plane, REAL epsilon, const REAL* x,
                                               const REAL* scale, const REAL* shift, const REAL* mean, const REAL* variance,
                                               REAL* y) {
  for (long long i = first_index(); i < count; i += index_step()) {
    const long long channel = i / plane % channels;
    y[i] = (x[i] - mean[channel]) / real_sqrt(variance[channel] + epsilon) * scale[channel] + shift[channel];
  }
}
