-- Closures, upvalues, varargs, coroutines, errors through compiled code.
local function counter(step)
  local n = 0
  return function() n = n + step return n end, function() return n end
end
local add, get = counter(3)
for _ = 1, 10000 do add() end
print('counter', get())
local adders = {}
for i = 1, 50 do adders[i] = function(x) return x + i end end
local sum = 0
for round = 1, 200 do for i = 1, 50 do sum = adders[i](sum) % 65537 end end
print('adders', sum)
local function compose(f, g) return function(...) return f(g(...)) end end
local f = function(x) return x + 1 end
for _ = 1, 12 do f = compose(f, function(x) return x * 2 % 1009 end) end
local out = 0
for i = 1, 2000 do out = out + f(i) end
print('composed', out)
local function count(...) local n = 0 for i = 1, select('#', ...) do n = n + (select(i, ...) or 0) end return n, ... end
local total = 0
for i = 1, 5000 do total = total + count(i, nil, i * 2, 3) + select('#', count(1, 2, 3)) end
print('varargs', total)

local function generate(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end return 'end' end) end
local squares = 0
for i, square in generate(5000) do
  if i == 'end' then break end
  squares = squares + square % 1000
end
print('generated', squares)
local producer = coroutine.create(function(...)
  local sum = 0
  local values = { ... }
  while true do
    for _, value in ipairs(values) do sum = sum + value end
    values = { coroutine.yield(sum) }
  end
end)
local last
for i = 1, 4000 do last = select(2, coroutine.resume(producer, i, i % 7)) end
print('resumed', last, coroutine.status(producer))
local many = {}
for i = 1, 300 do many[i] = coroutine.wrap(function() local n = i while true do n = (n * 1103515245 + 12345) % 2147483648 coroutine.yield(n) end end) end
local mixed = 0
for _ = 1, 30 do for i = 1, 300 do mixed = (mixed + many[i]()) % 1000000007 end end
print('round robin', mixed)
print('dead', coroutine.resume(coroutine.create(function() error('inside', 0) end)))
print('permutations', (function()
  local n = 0
  local function permute(a, k) if k == 0 then coroutine.yield(a) end for i = 1, k do a[i], a[k] = a[k], a[i] permute(a, k - 1) a[i], a[k] = a[k], a[i] end end
  for a in coroutine.wrap(function() permute({ 1, 2, 3, 4, 5, 6 }, 6) end) do n = n * 3 % 10007 + a[1] * a[6] end
  return n
end)())

local caught = 0
local function risky(i) if i % 10 == 0 then error({ code = i }) elseif i % 17 == 0 then return nil + i end return i end
for i = 1, 5000 do
  local ok, problem = pcall(risky, i)
  if not ok then caught = caught + (type(problem) == 'table' and problem.code or #problem) end
end
print('caught', caught)
print(xpcall(function() local t = nil return t.x end, function(message) return 'handled: ' .. message:gsub('^.-:', '') end))
print(select(2, pcall(error)), select(2, pcall(error, 'plain', 0)), pcall(string.rep))
local function deep(n) return n == 0 and error('deep', 0) or 1 + deep(n - 1) end
print('unwound', pcall(deep, 150), select(2, pcall(function() local function r() return 1 + r() end return r() end)):match('stack overflow'))
