-- Bit operations on 32-bit numbers and on 64-bit boxed ones, in compiled loops.
local bit, ffi = require('bit'), require('ffi')
local band, bor, bxor, bnot, lshift, rshift, arshift = bit.band, bit.bor, bit.bxor, bit.bnot, bit.lshift, bit.rshift, bit.arshift
local x = 2463534242
local function xorshift()
  x = bxor(x, lshift(x, 13))
  x = bxor(x, rshift(x, 17))
  x = bxor(x, lshift(x, 5))
  return x
end
local mixed = 0
for _ = 1, 100000 do mixed = bxor(bit.rol(mixed, 5), xorshift()) end
print('xorshift', bit.tohex(mixed), bit.tohex(x))
for shift = 0, 33, 3 do
  print(shift, lshift(0x12345678, shift), rshift(-2, shift), arshift(-0x12345678, shift), bit.rol(0x12345678, shift), bit.ror(0x12345678, shift))
end
print(bnot(0), bor(1, 2, 4, 8), band(0xff, 0x3c, 0x18), bit.bswap(0x01020304), bit.tobit(2 ^ 32 + 5), bit.tobit(2 ^ 31), bit.tohex(255, -4))

local crcTable = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do c = band(c, 1) ~= 0 and bxor(rshift(c, 1), 0xedb88320) or rshift(c, 1) end
  crcTable[i] = c
end
local function crc32(text)
  local c = bnot(0)
  for i = 1, #text do c = bxor(crcTable[band(bxor(c, text:byte(i)), 255)], rshift(c, 8)) end
  return bit.tohex(bnot(c))
end
print('crc', crc32('123456789'), crc32(('armada'):rep(5000)))

local function population(v)
  v = v - band(rshift(v, 1), 0x55555555)
  v = band(v, 0x33333333) + band(rshift(v, 2), 0x33333333)
  v = band(v + rshift(v, 4), 0x0f0f0f0f)
  return rshift(v * 0x01010101 % 4294967296, 24)
end
local population_sum = 0
for i = 1, 50000 do population_sum = population_sum + population(i * 2654435 % 2147483647) end
print('population', population_sum)

local wide = ffi.new('uint64_t', 0x9e3779b9)
for i = 1, 50000 do
  wide = bxor(wide * 6364136223846793005ULL + 1442695040888963407ULL, rshift(wide, 29))
  if i % 3 == 0 then wide = bit.rol(wide, 17) end
end
print('wide', wide, bit.tohex(wide))
local signed = 0LL
for i = 1, 50000 do signed = signed * 31 + i - arshift(signed, 7) end
print('signed', signed, signed / 1000003, signed % 1000003, -signed)
print(1ULL - 2, 2LL ^ 40, 7LL / -2, -7LL % 3, 1LL < 2ULL, -1LL < 0ULL, tonumber(123456789012345LL))
