-- Five bodies under gravity, integrated step by step in double precision: the Jovian planets and the Sun.
local steps = tonumber(arg[1])
local sqrt = math.sqrt
local year, solarMass = 365.24, 4 * math.pi * math.pi
local function body(x, y, z, vx, vy, vz, mass)
  return { x = x, y = y, z = z, vx = vx * year, vy = vy * year, vz = vz * year, mass = mass * solarMass }
end
local bodies = {
  body(0, 0, 0, 0, 0, 0, 1),
  body(4.84143144246472, -1.16032004402743, -0.103622044471123, 0.00166007664274403, 0.00769901118419740, -0.0000690460016972063, 0.000954791938424327),
  body(8.34336671824458, 4.12479856412430, -0.403523417114321, -0.00276742510726412, 0.00499852801234917, 0.0000230417297573764, 0.000285885980666131),
  body(12.8943695621391, -15.1111514016986, -0.223307578892656, 0.00296460137564762, 0.00237847173959481, -0.0000296589568540237, 0.0000436624404335156),
  body(15.3796971148509, -25.9193146099879, 0.179258772950371, 0.00268067772490389, 0.00162824170038242, -0.0000951592254519716, 0.0000515138902046611),
}
local function energy()
  local total = 0
  for i, a in ipairs(bodies) do
    total = total + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      total = total - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return total
end
local function advance(dt)
  for i = 1, #bodies do
    local a = bodies[i]
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local square = dx * dx + dy * dy + dz * dz
      local pull = dt / (square * sqrt(square))
      local toA, toB = b.mass * pull, a.mass * pull
      a.vx, a.vy, a.vz = a.vx - dx * toA, a.vy - dy * toA, a.vz - dz * toA
      b.vx, b.vy, b.vz = b.vx + dx * toB, b.vy + dy * toB, b.vz + dz * toB
    end
  end
  for i = 1, #bodies do
    local a = bodies[i]
    a.x, a.y, a.z = a.x + dt * a.vx, a.y + dt * a.vy, a.z + dt * a.vz
  end
end
for _ = 1, steps do advance(0.01) end
print(string.format('%.12f', energy()))
