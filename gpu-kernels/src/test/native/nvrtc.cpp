// A stand-in for libnvrtc.so.13: the "cubin" is a shared object that the host's g++ made of the same source.
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

extern char** environ;

namespace {

enum Result { SUCCESS = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION = 6, INTERNAL_ERROR = 11 };

struct Program {
  std::string source, name, log, image;
};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A launcher for each kernel: cuModuleGetFunction of the stand-in driver looks for these.
std::string launchers(const std::string& source) {
  static const std::regex kernel("extern \"C\" __global__ void (?:__launch_bounds__\\([^)]*\\) )?(\\w+)\\(");
  std::ostringstream out;
  for (std::sregex_iterator i(source.begin(), source.end(), kernel), end; i != end; ++i) {
    out << "extern \"C\" UNCHECKED void emulator_run_" << (*i)[1] << "(void** parameters) { emulation::call("
        << (*i)[1] << ", parameters); }\n";
  }
  return out.str();
}

int run(std::vector<std::string> command, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t child;
  int status = posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (status != 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Options are NVRTC's own; one that is unknown is refused, as NVRTC does.
int translate(const std::string& option, std::vector<std::string>& command) {
  static const std::regex ignored("--(gpu-architecture=sm_\\d+|ftz=false|prec-div=true|prec-sqrt=true|ptxas-options=-v)");
  if (option == "--std=c++17") {
    command.push_back("-std=c++17");
  } else if (option == "--fmad=false") {
    command.push_back("-ffp-contract=off");
  } else if (option.rfind("--define-macro=", 0) == 0) {
    command.push_back("-D" + option.substr(strlen("--define-macro=")));
  } else if (!std::regex_match(option, ignored)) {
    return INVALID_OPTION;
  }
  return SUCCESS;
}

}  // namespace

EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return SUCCESS;
}

EXPORT const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case COMPILATION: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR_INTERNAL_ERROR";
  }
}

EXPORT int nvrtcCreateProgram(void** program, const char* source, const char* name, int headers, const char* const*,
                              const char* const*) {
  if (headers != 0) return INVALID_INPUT;
  *program = new Program{source, name ? name : "default_program", "", ""};
  return SUCCESS;
}

EXPORT int nvrtcDestroyProgram(void** program) {
  delete static_cast<Program*>(*program);
  *program = nullptr;
  return SUCCESS;
}

EXPORT int nvrtcCompileProgram(void* handle, int count, const char* const* options) {
  auto& program = *static_cast<Program*>(handle);
  std::vector<std::string> command = {
      "g++", "-x", "c++", "-O1", "-g1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Wno-unknown-pragmas",
      "-Wno-unused-function", "-fno-exceptions", "-fno-gnu-unique", "-fno-strict-aliasing", "-fsanitize=kernel-address",
      "--param", "asan-instrumentation-with-call-threshold=0", "--param", "asan-stack=0", "--param", "asan-globals=0",
      "-I" EMULATION_INCLUDE};
  for (int i = 0; i < count; i++) {
    if (translate(options[i], command) != SUCCESS) {
      program.log = std::string("unrecognized option ") + options[i];
      return INVALID_OPTION;
    }
  }
  char folder[] = "/tmp/isomorph-nvrtc-XXXXXX";
  if (!mkdtemp(folder)) return INTERNAL_ERROR;
  std::string base = std::string(folder) + "/kernel";
  std::ofstream(base + ".cpp") << "#include \"cuda_host.h\"\n#line 1 \"" << program.name << "\"\n"
                               << program.source << "\n#line 1 \"launchers\"\n" << launchers(program.source);
  command.insert(command.end(), {"-o", base + ".so", base + ".cpp"});
  int status = run(command, base + ".log");
  program.log = read(base + ".log");
  program.image = status == 0 ? read(base + ".so") : "";
  for (const char* suffix : {".cpp", ".so", ".log"}) unlink((base + suffix).c_str());
  rmdir(folder);
  return status == 0 ? SUCCESS : status < 0 ? INTERNAL_ERROR : COMPILATION;
}

EXPORT int nvrtcGetProgramLogSize(void* program, size_t* size) {
  *size = static_cast<Program*>(program)->log.size() + 1;
  return SUCCESS;
}

EXPORT int nvrtcGetProgramLog(void* program, char* log) {
  const std::string& text = static_cast<Program*>(program)->log;
  memcpy(log, text.c_str(), text.size() + 1);
  return SUCCESS;
}

EXPORT int nvrtcGetCUBINSize(void* program, size_t* size) {
  *size = static_cast<Program*>(program)->image.size();
  return SUCCESS;
}

EXPORT int nvrtcGetCUBIN(void* program, char* image) {
  const std::string& bytes = static_cast<Program*>(program)->image;
  memcpy(image, bytes.data(), bytes.size());
  return SUCCESS;
}
