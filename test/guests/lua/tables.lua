-- Tables: arrays that grow, hash parts, holes, metatables, sorting, iteration, weak references and collection.
local array = {}
for i = 1, 20000 do array[#array + 1] = (i * 7919) % 10007 end
local sum = 0
for i, value in ipairs(array) do sum = sum + i * value % 97 end
print('array', #array, sum)
table.sort(array)
local ordered = true
for i = 2, #array do ordered = ordered and array[i - 1] <= array[i] end
print('sorted', ordered, array[1], array[10000], array[20000])
table.sort(array, function(a, b) return a % 100 > b % 100 or (a % 100 == b % 100 and a < b) end)
print('by comparison', array[1], array[5000], array[20000])

local counts = {}
for i = 1, 30000 do
  local key = 'k' .. (i * 31) % 257
  counts[key] = (counts[key] or 0) + i
end
local keys = {}
for key in pairs(counts) do keys[#keys + 1] = key end
table.sort(keys)
local text = {}
for i = 1, #keys, 16 do text[#text + 1] = keys[i] .. '=' .. counts[keys[i]] end
print('hash', #keys, table.concat(text, ' '))

local Point = {}
Point.__index = Point
Point.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Point) end
Point.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Point.__lt = function(a, b) return a.x < b.x or (a.x == b.x and a.y < b.y) end
Point.__tostring = function(p) return '(' .. p.x .. ',' .. p.y .. ')' end
Point.__call = function(p, by) return p.x * by + p.y end
Point.__concat = function(a, b) return tostring(a) .. '/' .. tostring(b) end
function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
function Point:length2() return self.x * self.x + self.y * self.y end
local at = Point.new(0, 0)
for i = 1, 20000 do
  at = at + Point.new(i % 3, -(i % 5))
  if at < Point.new(-1, 0) then at = Point.new(0, 0) end
end
print('points', tostring(at), at:length2(), at(3), at == Point.new(at.x, at.y), at .. Point.new(1, 2))

local reads, writes = 0, 0
local proxy = setmetatable({}, {
  __index = function(_, key) reads = reads + 1 return key * 2 end,
  __newindex = function(t, key, value) writes = writes + 1 rawset(t, key, value) end,
})
local total = 0
for i = 1, 5000 do
  total = total + proxy[i % 50]
  if i % 100 == 0 then proxy[i % 50 + 60] = i end
end
print('proxy', reads, writes, total)

local queue, first, last = {}, 1, 0
for i = 1, 30000 do
  last = last + 1
  queue[last] = i
  if i % 3 ~= 0 then queue[first] = nil first = first + 1 end
end
print('queue', last - first + 1, queue[first], queue[last])

local weak = setmetatable({}, { __mode = 'v' })
local kept = {}
for i = 1, 2000 do
  local object = { i }
  weak[i] = object
  if i % 10 == 0 then kept[#kept + 1] = object end
end
collectgarbage()
collectgarbage()
local alive = 0
for _ in pairs(weak) do alive = alive + 1 end
print('weak', alive, #kept)

local finalised = 0
for _ = 1, 500 do
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = function() finalised = finalised + 1 end
end
collectgarbage()
collectgarbage()
print('finalised', finalised)

local function tree(depth) if depth == 0 then return {} end return { tree(depth - 1), tree(depth - 1) } end
local function count(node) if not node[1] then return 1 end return 1 + count(node[1]) + count(node[2]) end
local nodes = 0
for _ = 1, 6 do nodes = nodes + count(tree(10)) end
print('trees', nodes)
print('unpack', select('#', unpack(array, 1, 200)), select(100, unpack(array, 1, 200)))
print('insert and remove', (function()
  local list = {}
  for i = 1, 300 do table.insert(list, 1 + i % (#list + 1), i) end
  local out = 0
  while #list > 0 do out = (out * 31 + table.remove(list, 1 + out % #list)) % 1000003 end
  return out
end)())
