// Stands before a kernel's source when the host's compiler translates it: CUDA's words in terms of the emulator.
//
// Shared arrays become static ones, which is right because blocks run one after another. Every load and store is announced to
// the engine through the hooks that -fsanitize=kernel-address calls; nothing of the sanitizer's run time is needed.
#pragma once
#include <math.h>
#include <string.h>

#include <utility>

#include "emulator.h"

#define ISOMORPH_EMULATED 1
#define __global__ __attribute__((noinline))
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static
#define UNCHECKED __attribute__((no_sanitize("kernel-address"), no_instrument_function))

static EmulatorApi* emulator;
extern "C" UNCHECKED void emulator_bind(EmulatorApi* api) { emulator = api; }

#define threadIdx (emulator->thread_index)
#define blockIdx (emulator->block_index)
#define blockDim (emulator->block_size)
#define gridDim (emulator->grid_size)
static const int warpSize = 32;

static inline void __syncthreads() { emulator->block_barrier(); }
static inline void __syncwarp(unsigned = ~0u) { emulator->warp_barrier(); }

namespace emulation {
UNCHECKED inline unsigned lane() {
  return (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % 32;
}

template <class T>
UNCHECKED T exchange(T value, unsigned source) {
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = emulator->exchange(bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}

template <class... A, size_t... I>
UNCHECKED void call(void (*kernel)(A...), void** parameters, std::index_sequence<I...>) {
  kernel(*static_cast<A*>(parameters[I])...);
}

// Takes the parameter array apart by the kernel's own signature, as the driver does.
template <class... A>
UNCHECKED void call(void (*kernel)(A...), void** parameters) {
  call(kernel, parameters, std::index_sequence_for<A...>{});
}
}  // namespace emulation

template <class T>
UNCHECKED T __shfl_xor_sync(unsigned, T value, int mask) {
  return emulation::exchange(value, emulation::lane() ^ mask);
}
template <class T>
UNCHECKED T __shfl_down_sync(unsigned, T value, int delta) {
  unsigned lane = emulation::lane();
  return emulation::exchange(value, lane + delta < 32 ? lane + delta : lane);
}
// Atomics are no races: their accesses are not announced.
template <class T>
UNCHECKED T atomicMin(T* address, T value) {
  T old = *address;
  if (value < old) *address = value;
  return old;
}

#define ISOMORPH_HOOK(size)                                                                          \
  extern "C" UNCHECKED __attribute__((used)) void __asan_load##size##_noabort(uintptr_t address) {   \
    emulator->access(address, size, false);                                                          \
  }                                                                                                  \
  extern "C" UNCHECKED __attribute__((used)) void __asan_store##size##_noabort(uintptr_t address) {  \
    emulator->access(address, size, true);                                                           \
  }
ISOMORPH_HOOK(1)
ISOMORPH_HOOK(2)
ISOMORPH_HOOK(4)
ISOMORPH_HOOK(8)
ISOMORPH_HOOK(16)
#undef ISOMORPH_HOOK
extern "C" UNCHECKED __attribute__((used)) void __asan_loadN_noabort(uintptr_t address, size_t size) {
  emulator->access(address, size, false);
}
extern "C" UNCHECKED __attribute__((used)) void __asan_storeN_noabort(uintptr_t address, size_t size) {
  emulator->access(address, size, true);
}
extern "C" UNCHECKED __attribute__((used)) void __asan_handle_no_return() {}
