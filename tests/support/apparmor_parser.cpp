// See apparmor_parser.h. Profiles travel through files, because the parser names its input in what it says.

#include "tests/support/apparmor_parser.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace isola::tests {

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A new directory below the system's own for temporary files.
std::filesystem::path make_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "isola-apparmor-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    std::perror("mkdtemp");
    std::exit(1);
  }
  return name;
}

}  // namespace

ParserRun run_apparmor_parser(const std::string& profile) {
  const std::filesystem::path directory = make_directory();
  std::ofstream(directory / "profile", std::ios::binary) << profile;
  const std::string folder = directory.string();
  const std::string command =
      "PATH=$PATH:/usr/sbin:/sbin apparmor_parser -Q -K -S -M /etc/apparmor.d/abi/3.0 " + folder +
      "/profile > " + folder + "/policy 2> " + folder + "/messages";
  const int status = std::system(command.c_str());
  ParserRun run{.accepted = status == 0,
                .policy = read_file(directory / "policy"),
                .messages = read_file(directory / "messages")};
  std::filesystem::remove_all(directory);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    std::fputs("apparmor_parser is not installed (Debian: apparmor)\n", stderr);
    std::exit(1);
  }
  return run;
}

}  // namespace isola::tests
