// What a kernel module, compiled for the host, and the engine that runs it know of each other.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct EmulatorIndex {
  unsigned x, y, z;
};

// One per process, owned by the engine; modules get its address when they are loaded.
struct EmulatorApi {
  EmulatorIndex thread_index;
  EmulatorIndex block_index;
  EmulatorIndex block_size;
  EmulatorIndex grid_size;
  void (*block_barrier)();
  void (*warp_barrier)();
  // Publishes up to 8 bytes for the warp and fetches what lane `source` published.
  uint64_t (*exchange)(uint64_t bits, unsigned source);
  // Called before every memory access of a kernel.
  void (*access)(uintptr_t address, size_t size, bool write);
};

// A kernel, run once by every thread, with the parameter array of cuLaunchKernel.
typedef void (*EmulatorKernel)(void** parameters);
