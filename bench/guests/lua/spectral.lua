-- The largest eigenvalue of the matrix with elements 1 / ((i + j)(i + j + 1) / 2 + i + 1), by the power method.
local n = tonumber(arg[1])
local function element(i, j)
  local k = i + j
  return 1 / (k * (k + 1) * 0.5 + i + 1)
end
local function times(x, y)
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do sum = sum + x[j] * element(i, j) end
    y[i] = sum
  end
end
local function timesTransposed(x, y)
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do sum = sum + x[j] * element(j, i) end
    y[i] = sum
  end
end
local u, v, w = {}, {}, {}
for i = 0, n - 1 do u[i] = 1 end
for _ = 1, 10 do
  times(u, w)
  timesTransposed(w, v)
  times(v, w)
  timesTransposed(w, u)
end
local uv, vv = 0, 0
for i = 0, n - 1 do uv, vv = uv + u[i] * v[i], vv + v[i] * v[i] end
print(string.format('%.12f', math.sqrt(uv / vv)))
