// Convolution over up to three spatial axes, one thread for each element of the result. Unused axes have length 1.
//
// The sum goes over channels, then over the kernel's places in row-major order, in one fused multiply-add per term; places in
// the padding are left out. The bias is added last.
struct ConvolutionShape {
  long long batch, channels, maps, groups;
  long long input[3], kernel[3], output[3];
  long long stride[3], dilation[3], before[3];
};

extern "C" __global__ void convolution(ConvolutionShape s, const REAL* x, const REAL* w, const REAL* bias, REAL* y) {
  const long long plane = s.output[0] * s.output[1] * s.output[2];
  const long long channels = s.channels / s.groups;
  const long long maps = s.maps / s.groups;
  const long long input_plane = s.input[0] * s.input[1] * s.input[2];
  const long long kernel_plane = s.kernel[0] * s.kernel[1] * s.kernel[2];

  for (long long i = first_index(); i < s.batch * s.maps * plane; i += index_step()) {
    const long long map = i / plane % s.maps;
    const long long image = i / plane / s.maps;
    const long long start0 = i / (s.output[1] * s.output[2]) % s.output[0] * s.stride[0] - s.before[0];
    const long long start1 = i / s.output[2] % s.output[1] * s.stride[1] - s.before[1];
    const long long start2 = i % s.output[2] * s.stride[2] - s.before[2];
    const REAL* input = x + (image * s.channels + map / maps * channels) * input_plane;
    const REAL* kernel = w + map * channels * kernel_plane;
    REAL sum = 0;
    for (long long channel = 0; channel < channels; channel++) {
      for (long long k0 = 0; k0 < s.kernel[0]; k0++) {
        const long long at0 = start0 + k0 * s.dilation[0];
        if (at0 < 0 || at0 >= s.input[0]) continue;
        for (long long k1 = 0; k1 < s.kernel[1]; k1++) {
          const long long at1 = start1 + k1 * s.dilation[1];
          if (at1 < 0 || at1 >= s.input[1]) continue;
          const REAL* line = input + (at0 * s.input[1] + at1) * s.input[2];
          const REAL* taps = kernel + (k0 * s.kernel[1] + k1) * s.kernel[2];
          for (long long k2 = 0; k2 < s.kernel[2]; k2++) {
            const long long at2 = start2 + k2 * s.dilation[2];
            if (at2 >= 0 && at2 < s.input[2]) sum = real_fma(line[at2], taps[k2], sum);
          }
        }
      }
      input += input_plane;
      kernel += kernel_plane;
    }
    y[i] = bias ? sum + bias[map] : sum;
  }
}
