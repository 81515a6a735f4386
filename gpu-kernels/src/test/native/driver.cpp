// A stand-in for libcuda.so.1 with one device: its memory is host memory, its modules are shared objects for the host, its
// streams run at once. Only what this project calls is there.
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <string>

#include "engine.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

using namespace emulation;
typedef unsigned long long DevicePointer;

namespace {

std::mutex lock;

struct Module {
  void* handle;
  uintptr_t from;
  int file;
};

struct Event {
  double milliseconds;
};

double now() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(since).count();
}

// A driver reads an image's length from its header too.
size_t image_size(const void* image) {
  auto* header = static_cast<const Elf64_Ehdr*>(image);
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return 0;
  return header->e_shoff + size_t(header->e_shnum) * header->e_shentsize;
}

int copy(uintptr_t device, size_t bytes, bool to_device, void* host) {
  if (bytes == 0) return SUCCESS;
  if (!is_live(device, bytes)) {
    set_fault("copy of " + std::to_string(bytes) + " bytes outside every allocation");
    return INVALID_VALUE;
  }
  auto* memory = reinterpret_cast<void*>(device);
  if (to_device) {
    memcpy(memory, host, bytes);
  } else {
    memcpy(host, memory, bytes);
  }
  return SUCCESS;
}

}  // namespace

// For the tests, beside the driver's own functions.
EXPORT void isomorph_emulation_order(unsigned order) { set_order(order); }
EXPORT const char* isomorph_emulation_fault() { return fault().c_str(); }
EXPORT size_t isomorph_emulation_live_bytes() { return live_bytes(); }

EXPORT int cuInit(unsigned) { return SUCCESS; }

EXPORT int cuGetExportTable(const void** table, const void*) {
  *table = nullptr;
  return NOT_FOUND;
}

EXPORT int cuDriverGetVersion(int* version) {
  *version = 13010;
  return SUCCESS;
}

EXPORT int cuDeviceGetCount(int* count) {
  *count = 1;
  return SUCCESS;
}

EXPORT int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? SUCCESS : INVALID_DEVICE;
}

EXPORT int cuDeviceGetName(char* name, int length, int) {
  snprintf(name, length, "host emulation");
  return SUCCESS;
}

EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = size_t(512) << 20;
  return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int* value, int attribute, int) {
  switch (attribute) {
    case 16: *value = 2; return SUCCESS;   // multiprocessors
    case 75: *value = 9; return SUCCESS;   // compute capability, major
    case 76: *value = 0; return SUCCESS;   // compute capability, minor
    default: return INVALID_VALUE;
  }
}

EXPORT int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &lock;
  return SUCCESS;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
EXPORT int cuCtxSetCurrent(void*) { return SUCCESS; }

EXPORT int cuMemGetInfo_v2(size_t* free, size_t* total) {
  std::lock_guard<std::mutex> guard(lock);
  *total = size_t(512) << 20;
  *free = *total - live_bytes();
  return SUCCESS;
}

EXPORT int cuMemAlloc_v2(DevicePointer* pointer, size_t bytes) {
  std::lock_guard<std::mutex> guard(lock);
  *pointer = allocate(bytes);
  return *pointer ? SUCCESS : OUT_OF_MEMORY;
}

EXPORT int cuMemFree_v2(DevicePointer pointer) {
  std::lock_guard<std::mutex> guard(lock);
  return release(pointer) ? SUCCESS : INVALID_VALUE;
}

EXPORT int cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, size_t bytes, void*) {
  std::lock_guard<std::mutex> guard(lock);
  return copy(to, bytes, true, const_cast<void*>(from));
}

EXPORT int cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, size_t bytes, void*) {
  std::lock_guard<std::mutex> guard(lock);
  return copy(from, bytes, false, to);
}

EXPORT int cuMemsetD8Async(DevicePointer to, unsigned char value, size_t bytes, void*) {
  std::lock_guard<std::mutex> guard(lock);
  if (!is_live(to, bytes)) return INVALID_VALUE;
  memset(reinterpret_cast<void*>(to), value, bytes);
  return SUCCESS;
}

EXPORT int cuStreamCreate(void** stream, unsigned) {
  *stream = new char;
  return SUCCESS;
}

EXPORT int cuStreamSynchronize(void*) { return SUCCESS; }

EXPORT int cuStreamDestroy_v2(void* stream) {
  delete static_cast<char*>(stream);
  return SUCCESS;
}

EXPORT int cuEventCreate(void** event, unsigned) {
  *event = new Event{0};
  return SUCCESS;
}

EXPORT int cuEventRecord(void* event, void*) {
  static_cast<Event*>(event)->milliseconds = now();
  return SUCCESS;
}

EXPORT int cuEventSynchronize(void*) { return SUCCESS; }

EXPORT int cuEventElapsedTime_v2(float* milliseconds, void* from, void* to) {
  *milliseconds = float(static_cast<Event*>(to)->milliseconds - static_cast<Event*>(from)->milliseconds);
  return SUCCESS;
}

EXPORT int cuEventElapsedTime(float* milliseconds, void* from, void* to) {
  return cuEventElapsedTime_v2(milliseconds, from, to);
}

EXPORT int cuEventDestroy_v2(void* event) {
  delete static_cast<Event*>(event);
  return SUCCESS;
}

EXPORT int cuModuleLoadData(void** module, const void* image) {
  std::lock_guard<std::mutex> guard(lock);
  size_t size = image_size(image);
  // Open as long as the module is loaded: the linker takes files of one name for the same, and the name is the number.
  int file = size == 0 ? -1 : memfd_create("kernel module", MFD_CLOEXEC);
  if (file < 0) return INVALID_IMAGE;
  bool whole = write(file, image, size) == ssize_t(size);
  std::string path = "/proc/self/fd/" + std::to_string(file);
  void* handle = whole ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  auto bind = handle ? reinterpret_cast<void (*)(EmulatorApi*)>(dlsym(handle, "emulator_bind")) : nullptr;
  if (!bind) {
    if (handle) dlclose(handle);
    close(file);
    return INVALID_IMAGE;
  }
  bind(&api());
  link_map* map = nullptr;
  dlinfo(handle, RTLD_DI_LINKMAP, &map);
  auto* loaded = new Module{handle, uintptr_t(map->l_addr), file};
  auto* header = reinterpret_cast<const Elf64_Ehdr*>(loaded->from);
  auto* segments = reinterpret_cast<const Elf64_Phdr*>(loaded->from + header->e_phoff);
  uintptr_t end = loaded->from;
  for (int i = 0; i < header->e_phnum; i++) {
    if (segments[i].p_type == PT_LOAD) end = loaded->from + segments[i].p_vaddr + segments[i].p_memsz;
  }
  allow(loaded->from, end);
  *module = loaded;
  return SUCCESS;
}

EXPORT int cuModuleUnload(void* module) {
  std::lock_guard<std::mutex> guard(lock);
  auto* loaded = static_cast<Module*>(module);
  forbid(loaded->from);
  dlclose(loaded->handle);
  close(loaded->file);
  delete loaded;
  return SUCCESS;
}

EXPORT int cuModuleGetFunction(void** function, void* module, const char* name) {
  *function = dlsym(static_cast<Module*>(module)->handle, (std::string("emulator_run_") + name).c_str());
  return *function ? SUCCESS : NOT_FOUND;
}

EXPORT int cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                          unsigned block_z, unsigned shared_bytes, void*, void** parameters, void**) {
  std::lock_guard<std::mutex> guard(lock);
  if (shared_bytes != 0) {
    set_fault("dynamic shared memory is not emulated");
    return INVALID_VALUE;
  }
  api().grid_size = {grid_x, grid_y, grid_z};
  api().block_size = {block_x, block_y, block_z};
  return launch(reinterpret_cast<EmulatorKernel>(function), parameters);
}

EXPORT int cuGetErrorName(int error, const char** name) {
  switch (error) {
    case SUCCESS: *name = "CUDA_SUCCESS"; break;
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; break;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case NO_DEVICE: *name = "CUDA_ERROR_NO_DEVICE"; break;
    case INVALID_DEVICE: *name = "CUDA_ERROR_INVALID_DEVICE"; break;
    case INVALID_IMAGE: *name = "CUDA_ERROR_INVALID_IMAGE"; break;
    case NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; break;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
    case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; break;
    default: *name = nullptr; return INVALID_VALUE;
  }
  return SUCCESS;
}

EXPORT int cuGetErrorString(int error, const char** text) {
  *text = error == SUCCESS ? "no error" : fault().c_str();
  return SUCCESS;
}
