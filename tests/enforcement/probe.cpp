// probe [STEP... [-- STEP...]...]: makes system calls as it is told and prints what the kernel answered, a
// line for each list.
//
//   probe '41 1 1 0' '42 $ x:0100 2' -- '257 0xffffff9c s:/etc/passwd 0 0'
//
// A step is a call's number and its arguments: a number, s:TEXT or x:HEX (a pointer to these bytes, ended by
// NUL), or
// `$`, the previous step's result. A list ends with its first failing step; what is printed is the last
// result, negative for an errno. Without a step, or with other arguments, it waits: then it stands in for a
// server.
//
// Runs confined, in place of the real program, so it makes no call of its own but write, futex and
// exit_group: there is no C library below it, whose start-up a policy would have to allow.

#include <asm/unistd.h>

namespace {

using Word = unsigned long;

constexpr int kMaxArguments = 6;
constexpr int kMaxBytes = 4096;

long make_call(Word number, const Word* arguments) {
#if defined(__x86_64__)
  long result;
  register Word fourth asm("r10") = arguments[3];
  register Word fifth asm("r8") = arguments[4];
  register Word sixth asm("r9") = arguments[5];
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(fourth),
                 "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register Word first asm("x0") = arguments[0];
  register Word second asm("x1") = arguments[1];
  register Word third asm("x2") = arguments[2];
  register Word fourth asm("x3") = arguments[3];
  register Word fifth asm("x4") = arguments[4];
  register Word sixth asm("x5") = arguments[5];
  register Word call asm("x8") = number;
  asm volatile("svc 0"
               : "+r"(first)
               : "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth), "r"(call)
               : "memory");
  return static_cast<long>(first);
#else
#error "the enforcement suite knows x86_64 and aarch64"
#endif
}

[[noreturn]] void leave(Word status) {
  const Word arguments[kMaxArguments] = {status};
  for (;;) make_call(__NR_exit_group, arguments);
}

bool is_equal(const char* left, const char* right) {
  while (*left != 0 && *left == *right) {
    ++left;
    ++right;
  }
  return *left == *right;
}

Word digit(char text) {
  if (text >= '0' && text <= '9') return static_cast<Word>(text - '0');
  if (text >= 'a' && text <= 'f') return static_cast<Word>(text - 'a' + 10);
  leave(2);
}

bool is_end(char text) {
  return text == 0 || text == ' ';
}

// Reads the words of one step. Bytes that arguments point to are kept until the process ends.
class StepReader {
 public:
  explicit StepReader(const char* text) : at_(text) {}

  bool has_more() const { return *at_ != 0; }

  Word next(long previous) {
    Word value = 0;
    if (*at_ == '$') {
      value = static_cast<Word>(previous);
      ++at_;
    } else if (at_[0] == 's' && at_[1] == ':') {
      value = text();
    } else if (at_[0] == 'x' && at_[1] == ':') {
      value = bytes();
    } else {
      value = number();
    }
    if (!is_end(*at_)) leave(2);
    if (*at_ == ' ') ++at_;
    return value;
  }

 private:
  Word number() {
    Word base = 10;
    if (at_[0] == '0' && at_[1] == 'x') {
      base = 16;
      at_ += 2;
    }
    Word value = 0;
    for (; !is_end(*at_); ++at_) value = value * base + digit(*at_);
    return value;
  }

  Word text() {
    char* const start = free_;
    for (at_ += 2; !is_end(*at_); ++at_) store(*at_);
    store(0);
    return reinterpret_cast<Word>(start);
  }

  Word bytes() {
    char* const start = free_;
    for (at_ += 2; !is_end(*at_); at_ += 2) store(static_cast<char>(digit(at_[0]) * 16 + digit(at_[1])));
    store(0);
    return reinterpret_cast<Word>(start);
  }

  static void store(char byte) {
    if (free_ == bytes_ + kMaxBytes) leave(2);
    *free_++ = byte;
  }

  const char* at_;
  static char bytes_[kMaxBytes];
  static char* free_;
};

char StepReader::bytes_[kMaxBytes];
char* StepReader::free_ = StepReader::bytes_;

long run_step(const char* text, long previous) {
  StepReader reader(text);
  const Word number = reader.next(previous);
  Word arguments[kMaxArguments] = {};
  for (int index = 0; reader.has_more(); ++index) {
    if (index == kMaxArguments) leave(2);
    arguments[index] = reader.next(previous);
  }
  return make_call(number, arguments);
}

void print_line(long result) {
  char line[24];
  char* at = line + sizeof line;
  *--at = '\n';
  Word rest = result < 0 ? 0 - static_cast<Word>(result) : static_cast<Word>(result);
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (result < 0) *--at = '-';
  const Word arguments[kMaxArguments] = {1, reinterpret_cast<Word>(at),
                                         static_cast<Word>(line + sizeof line - at)};
  make_call(__NR_write, arguments);
}

[[noreturn]] void wait_for_ever() {
  static int never = 0;
  const Word arguments[kMaxArguments] = {reinterpret_cast<Word>(&never)};  // FUTEX_WAIT for 0, which it stays
  while (make_call(__NR_futex, arguments) >= 0) {
  }
  leave(3);
}

bool is_step(const char* text) {
  return text[0] >= '0' && text[0] <= '9';
}

}  // namespace

// `stack` as execve leaves it: the number of arguments, then the arguments.
extern "C" [[noreturn]] void probe_main(const Word* stack) {
  const Word count = stack[0];
  const auto* const arguments = reinterpret_cast<const char* const*>(stack + 1);
  if (count < 2 || !is_step(arguments[1])) wait_for_ever();
  long result = 0;
  for (Word index = 1; index < count; ++index) {
    if (is_equal(arguments[index], "--")) {
      print_line(result);
      result = 0;
    } else if (result >= 0) {
      result = run_step(arguments[index], result);
    }
  }
  print_line(result);
  leave(0);
}

#if defined(__x86_64__)
asm(".globl _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call probe_main\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start:\n  mov x0, sp\n  bl probe_main\n");
#endif
