// C++ exceptions: thrown through frames, rethrown, caught by base, from constructors, with destructors in order.
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string trace;

struct Guard {
  explicit Guard(char l) : letter(l) { trace += l; }
  ~Guard() { trace += static_cast<char>(letter - 32); }
  char letter;
};

struct Special : std::runtime_error {
  explicit Special(int c) : std::runtime_error("special " + std::to_string(c)), code(c) {}
  int code;
};

[[gnu::noinline]] int deep(int depth, int kind) {
  Guard guard(static_cast<char>('a' + depth % 26));
  if (depth == 0) switch (kind) {
      case 0: throw 42;
      case 1: throw Special(7);
      case 2: throw std::out_of_range("range");
      case 3: throw std::string("string");
      case 4: return static_cast<int>(std::vector<int>(3).at(5));
      case 5: throw 2.5;
      default: return 1;
    }
  return deep(depth - 1, kind) + 1;
}

struct Half {
  Half() : guard('h') { throw std::logic_error("half made"); }
  Guard guard;
};

void run(int kind) {
  trace.clear();
  try {
    std::cout << "returned " << deep(5, kind);
  } catch (int value) {
    std::cout << "int " << value;
  } catch (const Special &special) {
    std::cout << special.what() << ' ' << special.code;
  } catch (const std::logic_error &error) {
    std::cout << "logic " << (kind == 4 ? "at" : error.what());
  } catch (const std::string &text) {
    std::cout << text;
  } catch (...) {
    std::cout << "other";
  }
  std::cout << ' ' << trace << '\n';
}

int tidy() noexcept(false) {
  try {
    deep(2, 1);
  } catch (Special &special) {
    special.code++;
    throw;
  }
  return 0;
}

}  // namespace

int main() {
  for (int kind = 0; kind < 7; kind++) run(kind);
  trace.clear();
  try {
    tidy();
  } catch (const Special &special) {
    std::cout << "again " << special.code << ' ' << trace << '\n';
  }
  try {
    Half half;
  } catch (const std::exception &error) {
    std::cout << error.what() << '\n';
  }
  try {
    try {
      throw Special(1);
    } catch (...) {
      std::throw_with_nested(std::runtime_error("outer"));
    }
  } catch (const std::exception &error) {
    std::cout << error.what();
    try {
      std::rethrow_if_nested(error);
    } catch (const std::exception &inner) {
      std::cout << " over " << inner.what() << '\n';
    }
  }
  std::exception_ptr kept;
  try {
    throw std::bad_alloc();
  } catch (...) {
    kept = std::current_exception();
  }
  try {
    std::rethrow_exception(kept);
  } catch (const std::bad_alloc &) {
    std::cout << "kept\n";
  }
  int thrown = 0;
  for (int i = 0; i < 300; i++) try {
      if (i % 3) throw i;
    } catch (int value) {
      thrown += value;
    }
  std::cout << thrown << std::endl;
  return thrown == 30000 ? 3 : 4;
}
