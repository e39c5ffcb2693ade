-- The compiler itself under load: functions that are made by load(), thousands of traces, flushes, code that is dumped.
local jit = require('jit')
local sum = 0
for i = 1, 120 do
  local f = assert(load(string.format('local a = ... for i = 1, 100 do a = a * %d %% 1009 + i end return a', i % 50 + 2), '=made'))
  sum = (sum + f(i)) % 1000003
end
print('made', sum)
local branchy = { 'return function(n) local s = 0 for i = 1, n do local k = i % 64' }
for k = 0, 63 do branchy[#branchy + 1] = string.format(' if k == %d then s = s + i * %d - k end', k, k + 1) end
branchy[#branchy + 1] = ' end return s end'
local f = assert(load(table.concat(branchy)))()
print('side traces', f(9000))
for round = 1, 4 do
  jit.flush()
  local total = 0
  for i = 1, 3000 do total = total + (i * round) % 7 end
  local g = load('local n = 0 for i = 1, 500 do n = n + i % ' .. round + 1 .. ' end return n')
  print('flushed', round, total, g())
end
local function twice(x) local y = 0 for i = 1, x do y = y + 2 end return y end
print('on', twice(1000))
jit.off(twice, true)
print('off', twice(1000))
jit.on(twice, true)
print('on again', twice(1000))
local dumped = string.dump(f, true)
local again = assert(load(dumped, '=dumped', 'b'))
print('dumped', #dumped > 500, again(9000))
local plain = string.dump(function(a, b) local t = {} for i = a, b do t[#t + 1] = i * i end return table.concat(t, ',') end)
print('reloaded', loadstring(plain)(1, 12))
local deep = {}
for d = 1, 40 do deep[d] = 'for i' .. d .. ' = 1, ' .. (d > 37 and 9 or 1) .. ' do' end
print('deep', load('local n = 0 ' .. table.concat(deep, ' ') .. ' n = n + i38 * i39 - i40 ' .. ('end '):rep(40) .. 'return n')())
local registers = { 'local s = 0 for r = 1, 300 do ' }
for v = 1, 60 do registers[#registers + 1] = string.format('local v%d = r %% %d ', v, v + 1) end
registers[#registers + 1] = 's = s + v1'
for v = 2, 60 do registers[#registers + 1] = string.format(' + v%d * %d', v, v) end
registers[#registers + 1] = ' end return s'
print('many registers', load(table.concat(registers))())
