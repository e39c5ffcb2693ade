-- Hot loops of every kind: nested, with side exits taken late, down-counting, over doubles that overflow integers.
local sum = 0
for i = 1, 60000 do
  if i % 3 == 0 then sum = sum + i elseif i % 5 == 0 then sum = sum - 2 * i else sum = sum + 1 end
end
print('branches', sum)

local cells = 0
for i = 1, 120 do
  for j = i, 120 do
    for k = j, 120, 7 do cells = cells + (i * j) % (k + 1) end
  end
end
print('nested', cells)

local down, steps = 1e6, 0
while down > 1 do
  down = down % 2 == 0 and down / 2 or down * 3 + 1
  steps = steps + 1
  if steps > 1000 then break end
end
print('collatz', steps, down)

local longest, start = 0, 0
for n = 1, 2000 do
  local m, length = n, 1
  repeat
    if m % 2 == 0 then m = m / 2 else m = 3 * m + 1 end
    length = length + 1
  until m <= 1
  if length > longest then longest, start = length, n end
end
print('longest', longest, start)

-- An index that leaves the 32-bit integers makes its trace fall back to doubles.
local at = 2147483000
for _ = 1, 2000 do at = at + 1 end
print('overflow', at, string.format('%.0f', at * 4096))

local product = 1
for i = 1, 100000 do product = (product * 16807) % 2147483647 end
print('minimal standard', product)

-- A loop whose types change after it was compiled.
local function mixed(values)
  local out = 0
  for i = 1, #values do
    local value = values[i]
    if type(value) == 'string' then out = out + #value elseif value then out = out + value end
  end
  return out
end
local values = {}
for i = 1, 4000 do values[i] = i end
print('integers', mixed(values))
for i = 1, 4000, 3 do values[i] = i + 0.5 end
print('doubles', mixed(values))
for i = 2, 4000, 3 do values[i] = ('x'):rep(i % 17) end
print('strings', mixed(values))

local function fibonacci(n) return n < 2 and n or fibonacci(n - 1) + fibonacci(n - 2) end
print('fibonacci', fibonacci(22))
local function tail(n, sum) if n == 0 then return sum end return tail(n - 1, sum + n) end
print('tail calls', tail(100000, 0))
local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end
print('ackermann', ackermann(2, 60))
