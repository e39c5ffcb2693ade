-- Flips of all permutations of n numbers until the first is 1: the most that one takes, and an alternating sum.
local n = tonumber(arg[1])
local permutation, work, count = {}, {}, {}
for i = 1, n do permutation[i], count[i] = i, i end
local sum, most, sign = 0, 0, 1
while true do
  local first = permutation[1]
  if first ~= 1 then
    for i = 2, n do work[i] = permutation[i] end
    local flips = 1
    while true do
      local next = work[first]
      if next == 1 then break end
      work[first] = first
      local low, high = 2, first - 1
      while low < high do
        work[low], work[high] = work[high], work[low]
        low, high = low + 1, high - 1
      end
      first, flips = next, flips + 1
    end
    sum = sum + sign * flips
    if flips > most then most = flips end
  end
  if sign == 1 then
    permutation[1], permutation[2] = permutation[2], permutation[1]
    sign = -1
  else
    permutation[2], permutation[3] = permutation[3], permutation[2]
    sign = 1
    local done = true
    for i = 3, n do
      if count[i] ~= 1 then
        count[i] = count[i] - 1
        done = false
        break
      end
      if i == n then break end
      count[i] = i
      local front = permutation[1]
      for j = 1, i do permutation[j] = permutation[j + 1] end
      permutation[i + 1] = front
    end
    if done then break end
  end
end
print(sum, most)
