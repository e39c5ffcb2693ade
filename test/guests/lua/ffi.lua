-- The foreign function interface: structures, arrays, C calls with every kind of argument, callbacks from C.
local ffi = require('ffi')
ffi.cdef [[
typedef struct { int x, y; double weight; uint8_t tag[4]; } Item;
typedef union { float f; uint32_t u; } Pun;
typedef int (*Compare)(const void *, const void *);
struct node { struct node *next; int value; };
typedef struct { int quot, rem; } div_t;
void qsort(void *base, size_t count, size_t size, Compare compare);
void *bsearch(const void *key, const void *base, size_t count, size_t size, Compare compare);
int abs(int);
int snprintf(char *, size_t, const char *, ...);
double strtod(const char *, char **);
float sqrtf(float);
double pow(double, double);
double ldexp(double, int);
float fmaf(float, float, float);
long long llabs(long long);
div_t div(int, int);
size_t strlen(const char *);
void *memcpy(void *, const void *, size_t);
int memcmp(const void *, const void *, size_t);
char *getenv(const char *);
void *malloc(size_t);
void free(void *);
]]
local C = ffi.C
local sum = 0
for i = -5000, 5000 do sum = sum + C.abs(i) end
print('abs', sum)
local roots = 0
for i = 1, 5000 do roots = roots + C.sqrtf(i) + C.pow(i, 0.25) + C.ldexp(i, -3) + C.fmaf(i, 0.5, 1) end
print('floating point', string.format('%.10g', roots))
local long = 0LL
for i = 1, 5000 do long = long + C.llabs(-4294967296LL * i) end
print('64 bits', long)
local quotients = 0
for i = 1, 3000 do local r = C.div(i * 7, 13) quotients = quotients + r.quot * 100 + r.rem end
print('structure returned', quotients)
local buffer = ffi.new('char[128]')
local n = C.snprintf(buffer, 128, '%d %s %.3f %lld %c', ffi.new('int', 42), 'text', 2.5, 1234567890123LL, ffi.new('int', 65))
print('varargs', n, ffi.string(buffer), C.strlen(buffer))
print('strtod', C.strtod('2.5e3xyz', nil))

local items = ffi.new('Item[?]', 500)
for i = 0, 499 do
  items[i].x, items[i].y = (i * 7919) % 1009, i
  items[i].weight = i / 8
  items[i].tag[i % 4] = i % 256
end
local total = 0
for round = 1, 10 do
  for i = 0, 499 do total = total + items[i].x * items[i].weight + items[i].tag[round % 4] end
end
print('structures', total, ffi.sizeof('Item'), ffi.offsetof('Item', 'weight'), ffi.alignof('double'))

local calls = 0
local compare = ffi.cast('Compare', function(a, b)
  calls = calls + 1
  local left, right = ffi.cast('const Item *', a), ffi.cast('const Item *', b)
  return left.x - right.x
end)
C.qsort(items, 500, ffi.sizeof('Item'), compare)
local ordered = true
for i = 1, 499 do ordered = ordered and items[i - 1].x <= items[i].x end
local key = ffi.new('Item', { x = items[250].x })
local found = ffi.cast('Item *', C.bsearch(key, items, 500, ffi.sizeof('Item'), compare))
print('callback', ordered, calls > 1000, found ~= nil and found.x == key.x)
compare:free()
local integers = ffi.new('int32_t[1000]')
for i = 0, 999 do integers[i] = (i * 48271) % 65537 - 30000 end
for round = 1, 2 do
  local direction = round % 2 == 0 and 1 or -1
  local by = ffi.cast('Compare', function(a, b)
    local x, y = ffi.cast('int32_t *', a)[0], ffi.cast('int32_t *', b)[0]
    return x < y and -direction or x > y and direction or 0
  end)
  C.qsort(integers, 1000, 4, by)
  by:free()
end
print('sorted again', integers[0], integers[500], integers[999])

local pun = ffi.new('Pun')
local mixed = 0
for i = 1, 5000 do pun.f = i * 0.37 mixed = (mixed + pun.u) % 4294967296 end
print('union', mixed)
local list
for i = 1, 2000 do
  local node = ffi.cast('struct node *', C.malloc(ffi.sizeof('struct node')))
  node.next, node.value, list = list, i, node
end
local length, values = 0, 0
while list ~= nil do
  local next = list.next
  length, values = length + 1, values + list.value
  C.free(list)
  list = next
end
print('list', length, values)
local bytes = ffi.new('uint8_t[4096]')
for i = 0, 4095 do bytes[i] = i * 31 end
local copy = ffi.new('uint8_t[4096]')
C.memcpy(copy, bytes, 4096)
ffi.fill(bytes, 16, 0x5a)
print('memory', C.memcmp(copy, bytes, 4096) ~= 0, C.memcmp(copy + 16, bytes + 16, 4080), #ffi.string(bytes, 16))
local Vector = ffi.metatype('struct { double x, y; }', {
  __add = function(a, b) return ffi.typeof(a)(a.x + b.x, a.y + b.y) end,
  __mul = function(a, k) return ffi.typeof(a)(a.x * k, a.y * k) end,
  __index = { norm = function(v) return math.sqrt(v.x * v.x + v.y * v.y) end },
})
local v = Vector(1, 0)
for i = 1, 8000 do v = (v + Vector(0.25, i % 3)) * 0.999 end
print('metatype', string.format('%.12g %.12g %.12g', v.x, v.y, v:norm()))
local vla = ffi.new('int16_t[?]', 300)
for i = 0, 299 do vla[i] = i * 1000 end
local narrow = 0
for i = 0, 299 do narrow = narrow + vla[i] end
print('narrowed', narrow, (pcall(function() return ffi.new('Item').nothing end)))
print(ffi.abi('32bit'), ffi.abi('le'), ffi.abi('hardfp'), ffi.abi('eabi'), ffi.os, ffi.arch, ffi.new('int', 7) == 7)
local keep = {}
local collected = 0
for i = 1, 200 do keep[i % 7] = ffi.gc(ffi.new('int[4]'), function() collected = collected + 1 end) end
keep = nil
collectgarbage()
collectgarbage()
print('collected', collected)
