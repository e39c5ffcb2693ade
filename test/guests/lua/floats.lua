-- Floating point: the mathematical library and arithmetic at its edges, in loops that are compiled.
local function show(...) local t = { ... } for i = 1, select('#', ...) do t[i] = string.format('%.17g', t[i]) end print(unpack(t)) end
local acc = 0
for i = 1, 12000 do acc = acc + math.sin(i) * math.cos(i / 3) + math.sqrt(i) / (i + 1) end
show(acc)
local p = 0
for k = 0, 20000 do p = p + (k % 2 == 0 and 1 or -1) / (2 * k + 1) end
show(p * 4)
local x = 0.5
for _ = 1, 12000 do x = 3.9 * x * (1 - x) end
show(x)
local e, term = 1, 1
for i = 1, 30 do term = term / i e = e + term end
show(e, math.exp(1), math.log(10), math.log10(1000), math.pow(2, 0.5), 2 ^ -1074, math.fmod(-7, 3), -7 % 3, 7 % -3)
show(math.floor(-0.5), math.ceil(-0.5), math.floor(2 ^ 52 + 0.5), math.huge, -math.huge, math.atan2(1, -1), math.ldexp(0.75, 10))
show(math.modf(-3.25), math.frexp(1000))
local nan = 0 / 0
print(nan ~= nan, nan == nan, nan < 1, 1 < nan, math.max(1, 2, 3), math.min(3, 1, 2), 1 / 0 > 0, 1 / -0.0 < 0)
local below, equal, above, odd = 0, 0, 0, 0
local samples = { 0, -0.0, 1, -1, 1e308, -1e308, 5e-324, 1 / 0, -1 / 0, nan, 2 ^ 31, -2 ^ 31, 2 ^ 31 - 1, 0.5, 2 ^ 53 }
for _ = 1, 100 do
  for i = 1, #samples do
    for j = 1, #samples do
      local a, b = samples[i], samples[j]
      if a < b then below = below + 1 end
      if a == b then equal = equal + 1 end
      if a >= b then above = above + 1 end
      if not (a <= b) then odd = odd + 1 end
    end
  end
end
print('compared', below, equal, above, odd)
local truncated = 0
for i = -20000, 20000 do truncated = truncated + math.floor(i / 7) * 3 - math.ceil(i / 11) + (i * 0.3) % 5 end
show(truncated)
math.randomseed(42)
local inside = 0
for _ = 1, 12000 do
  local a, b = math.random(), math.random()
  if a * a + b * b < 1 then inside = inside + 1 end
end
print('inside', inside, math.random(100), math.random(5, 9))
local matrix = {}
for i = 1, 24 do matrix[i] = {} for j = 1, 24 do matrix[i][j] = 1 / (i + j - 1) + (i == j and 1 or 0) end end
local determinant = 1
for k = 1, 24 do
  determinant = determinant * matrix[k][k]
  for i = k + 1, 24 do
    local factor = matrix[i][k] / matrix[k][k]
    for j = k, 24 do matrix[i][j] = matrix[i][j] - factor * matrix[k][j] end
  end
end
show(determinant)
local back = 0
for i = 1, 6000 do back = back + tonumber(string.format('%.6f', i / 1024)) * 1024 - i end
show(back)
