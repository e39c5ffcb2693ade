-- Strings: building, searching, patterns, formats, conversions to and from numbers.
local parts = {}
for i = 1, 3000 do parts[i] = string.format('%d:%x:%5.2f', i, i * 37, i / 7) end
local text = table.concat(parts, ' ')
print('length', #text)
local digits, words = 0, 0
for i = 1, #text do
  local byte = text:byte(i)
  if byte >= 48 and byte <= 57 then digits = digits + 1 end
end
for _ in text:gmatch('%S+') do words = words + 1 end
print('digits', digits, 'words', words)
print('replaced', (text:sub(1, 60):gsub('(%d+):(%x+)', '<%2|%1>')))
print('counted', select(2, text:gsub('1%d*', '')))
print('table', (('$a and $b or $c'):gsub('%$(%w+)', { a = 'one', b = 'two' })))
print('function', (('3 4 5'):gsub('%d', function(d) return d * d end)))
print('find', text:find('100:', 1, true), text:find('(%d+):ff:'), ('a.b'):find('.', 2, true))
print('anchors', ('  trim me '):match('^%s*(.-)%s*$') .. '|', ('k = v'):match('^(%w+)%s*=%s*(%w+)$'))
print('balanced', ('f(a(b)c)d'):match('%b()'), ('THE (quick) fox'):find('%((%a+)%)'))
print('frontier', (('THE (quick) fox'):gsub('%f[%a]%a+', string.lower)))

local rolling = ''
for i = 1, 600 do rolling = rolling .. string.char(97 + i % 26) end
print('rolling', #rolling, rolling:sub(-10), rolling:reverse():sub(1, 5), rolling:upper():sub(100, 105))
local hash = 5381
for _ = 1, 40 do
  for i = 1, #rolling do hash = (hash * 33 + rolling:byte(i)) % 4294967296 end
end
print('hash', hash)

for _, case in ipairs({
  '%5d|%-5d|%05d|%+d', '%x|%X|%#x|%o', '%e|%.3E|%g', '%10.4f|%-10.2f|%.0f', '%c%c%c', '%q', '%s|%10s|%-10s|%.2s', '%5.1f%%',
}) do
  local ok, out = pcall(string.format, case, 65, 66, 67, 68)
  print(case, ok, out)
end
for _, number in ipairs({ 0, -0.0, 1, 0.1, 1 / 3, 1e15, 1e16, 1e100, -2 ^ 53, 2 ^ 63, 5e-324, 1.7976931348623157e308 }) do
  print(number, string.format('%.17g', number), tostring(number) == tostring(tonumber(tostring(number))))
end
for _, literal in ipairs({ '0x10', '1e3', ' 12 ', '1e', '', '0x', '.5', '5.', '0x1p4', 'inf', 'nan', '1_000' }) do
  print(literal, tonumber(literal))
end
print(tonumber('zz', 36), tonumber('777', 8), tonumber('8', 8), tonumber('11111111', 2))
local sum = 0
for i = 1, 20000 do sum = sum + tonumber(tostring(i) .. '.5') + #tostring(i * 1.5) end
print('conversions', sum)
local compared = 0
for i = 1, 5000 do if tostring(i) < tostring(5001 - i) then compared = compared + 1 end end
print('compared', compared)
