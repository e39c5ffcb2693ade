// C++: virtual calls, templates, containers, algorithms, streams, smart pointers, static constructors.
#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual std::string name() const { return "shape"; }
};
struct Square : Shape {
  explicit Square(double s) : side(s) {}
  double area() const override { return side * side; }
  std::string name() const override { return "square"; }
  double side;
};
struct Tagged {
  virtual ~Tagged() = default;
  virtual int tag() const { return 7; }
};
struct Disc : Shape, Tagged {
  explicit Disc(double r) : radius(r) {}
  double area() const override { return radius * radius * 3.0; }
  int tag() const override { return 42; }
  double radius;
};

struct Announcer {
  explicit Announcer(const char *n) : name(n) { std::cout << "made " << name << '\n'; }
  ~Announcer() { std::cout << "ended " << name << '\n'; }
  const char *name;
};
Announcer first("first");
Announcer second("second");

int lives = 0;
struct Counted {
  Counted() { ++lives; }
  Counted(const Counted &) { ++lives; }
  ~Counted() { --lives; }
};

}  // namespace

int main() {
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 1; i < 6; i++) {
    if (i % 2) shapes.push_back(std::make_unique<Square>(i));
    else shapes.push_back(std::make_unique<Disc>(i * 0.5));
  }
  for (const auto &shape : shapes) {
    std::cout << shape->name() << ' ' << shape->area();
    if (const auto *tagged = dynamic_cast<const Tagged *>(shape.get())) std::cout << " tag " << tagged->tag();
    std::cout << '\n';
  }

  std::map<std::string, int> counts;
  std::istringstream text("the quick brown fox jumps over the lazy dog the end");
  for (std::string word; text >> word;) counts[word]++;
  for (const auto &[word, count] : counts) std::cout << word << '=' << count << ' ';
  std::cout << '\n';

  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 1);
  std::uint32_t seed = 9;
  for (auto &n : numbers) n = static_cast<int>((seed = seed * 1664525u + 1013904223u) >> 16);
  std::sort(numbers.begin(), numbers.end(), std::greater<>());
  const auto middle = std::lower_bound(numbers.begin(), numbers.end(), 30000, std::greater<>());
  std::cout << numbers.front() << ' ' << numbers.back() << ' ' << (middle - numbers.begin()) << ' '
            << std::accumulate(numbers.begin(), numbers.end(), 0LL) << '\n';

  std::unordered_map<int, std::string> names;
  for (int i = 0; i < 500; i++) names[i * 7919 % 1009] = std::to_string(i);
  long long total = 0;
  for (int i = 0; i < 1009; i++)
    if (auto at = names.find(i); at != names.end()) total += i * std::stoll(at->second);
  std::cout << names.size() << ' ' << total << '\n';

  std::deque<int> queue;
  std::list<int> list{5, 3, 9, 1};
  std::set<int> set;
  for (int i = 0; i < 100; i++) {
    queue.push_back(i);
    queue.push_front(-i);
    set.insert(i * i % 37);
    if (i % 3 == 0) queue.pop_back();
  }
  list.sort();
  std::cout << queue.size() << ' ' << queue[20] << ' ' << set.size() << ' ' << list.front() << list.back() << '\n';

  std::function<int(int)> twice = [factor = 2](int x) { return x * factor; };
  std::variant<int, double, std::string> either = std::string("text");
  std::optional<int> perhaps;
  std::cout << twice(21) << ' ' << std::get<std::string>(either) << ' ' << perhaps.value_or(-1) << '\n';

  {
    auto shared = std::make_shared<std::array<Counted, 4>>();
    auto other = shared;
    std::weak_ptr<std::array<Counted, 4>> weak = other;
    std::cout << lives << ' ' << shared.use_count();
    shared.reset();
    other.reset();
    std::cout << ' ' << lives << ' ' << weak.expired() << '\n';
  }

  std::cout << std::hex << std::showbase << 255 << std::dec << ' ' << std::setw(8) << std::setfill('*') << 42 << ' ' << std::fixed << std::setprecision(3)
            << std::sqrt(2.0) << ' ' << std::scientific << 12345.678 << ' ' << std::boolalpha << true << '\n';
  std::string word = "transformation";
  std::transform(word.begin(), word.end(), word.begin(), [](char c) { return static_cast<char>(c - 32); });
  std::rotate(word.begin(), word.begin() + 5, word.end());
  std::cout << word << ' ' << word.find("TR") << ' ' << word.substr(2, 4) << '\n';
  return 0;
}
