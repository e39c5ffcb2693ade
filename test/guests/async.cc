// C++ threads: std::thread, mutex, condition_variable, future and promise, async, atomic, exceptions across threads.
#include <atomic>
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

int main() {
  std::vector<int> data(20000);
  std::iota(data.begin(), data.end(), 1);
  std::vector<std::future<long long>> parts;
  for (int i = 0; i < 4; i++)
    parts.push_back(std::async(std::launch::async, [&, i] { return std::accumulate(data.begin() + i * 5000, data.begin() + (i + 1) * 5000, 0LL); }));
  long long total = 0;
  for (auto &part : parts) total += part.get();
  std::cout << "sum " << total << '\n';

  auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
  try {
    failing.get();
  } catch (const std::runtime_error &error) {
    std::cout << error.what() << '\n';
  }

  std::mutex lock;
  std::condition_variable changed;
  int turn = 0;
  std::string order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; i++)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 20; k++) {
        std::unique_lock hold(lock);
        changed.wait(hold, [&] { return turn % 3 == i; });
        order += static_cast<char>('a' + i);
        turn++;
        changed.notify_all();
      }
    });
  for (auto &thread : threads) thread.join();
  std::cout << order << '\n';

  std::promise<std::string> promise;
  std::thread giver([&] { promise.set_value("promised"); });
  std::cout << promise.get_future().get() << '\n';
  giver.join();

  std::atomic<long long> wide{0};
  std::atomic<int> caught{0};
  thread_local int mine = 5;
  std::shared_mutex shared;
  threads.clear();
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&, i] {
      mine += i;
      for (int k = 0; k < 500; k++) {
        wide += 0x100000000LL + i;
        std::shared_lock hold(shared);
        if (k % 50 == 0) try {
            throw k;
          } catch (int) {
            caught++;
          }
      }
      wide += mine;
    });
  for (auto &thread : threads) thread.join();
  std::cout << wide << ' ' << caught << ' ' << mine << '\n';
}
