// The engine's parts: threads of a block as fibers, device memory, and the checks on both.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <string>

#include "emulator.h"

namespace emulation {

EmulatorApi& api();

// --- threads.cpp

// Runs a kernel's whole grid. Returns a CUresult; the reason is kept in fault().
int launch(EmulatorKernel kernel, void** parameters);

// 0: threads, warps and blocks in ascending order; 1: descending; others: the seed of a shuffle.
void set_order(unsigned order);

// Who is running, for the memory checks.
struct Actor {
  uint32_t block;
  uint32_t thread;
  uint32_t block_epoch;  // block barriers passed
  uint32_t warp_epoch;   // warp barriers passed
};
Actor actor();

bool in_fiber_stacks(uintptr_t address);

// Ends the launch from within a kernel thread; does not return.
void fail(int result, const std::string& reason);

// --- memory.cpp

uintptr_t allocate(size_t bytes);
bool release(uintptr_t address);
bool is_live(uintptr_t address, size_t bytes);
size_t live_bytes();

// Memory that kernels may touch beside allocations: a loaded module's own.
void allow(uintptr_t from, uintptr_t to);
void forbid(uintptr_t from);

// Forgets what the threads of the last launch have touched.
void begin_launch();
void check_access(uintptr_t address, size_t size, bool write);

const std::string& fault();
void set_fault(const std::string& reason);

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
};

}  // namespace emulation
