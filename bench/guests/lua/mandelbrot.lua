-- Points of an n by n picture that stay bounded for 50 steps, with a checksum of where they are.
local n = tonumber(arg[1])
local bit = require('bit')
local inside, hash = 0, 5381
for row = 0, n - 1 do
  local ci = 2 * row / n - 1
  for column = 0, n - 1 do
    local cr = 2 * column / n - 1.5
    local zr, zi, steps = 0, 0, 0
    while steps < 50 do
      local rr, ii = zr * zr, zi * zi
      if rr + ii > 4 then break end
      zr, zi = rr - ii + cr, 2 * zr * zi + ci
      steps = steps + 1
    end
    if steps == 50 then inside = inside + 1 end
    hash = bit.bxor(bit.rol(hash, 5), steps)
  end
end
print(inside, bit.tohex(hash))
