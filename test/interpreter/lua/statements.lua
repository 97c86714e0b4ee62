-- Every kind of statement.
for i = 3, 1, -1 do print(i) end
for i = 1, 0 do print("never") end
for i = 1, 2, 0.5 do print(i) end
for i = "1", "3" do print(i, type(i)) end
local i = 0
repeat local j = i; i = i + 1 until j >= 2
print(i)
while true do
  i = i + 1
  if i == 4 then i = i + 1 elseif i == 6 then i = i * 2 else i = i end
  if i > 10 then break end
end
print(i)
do local i = 99; print(i) end
print(i)
local x, y = 1, 2
x, y = y, x
print(x, y)
local a, b, c = (function() return 1, 2 end)()
print(a, b, c)
local d, e = (function() return 1, 2 end)(), 10
print(d, e)
local p, q, r = 1
print(p, q, r)
local t = {}
t.a, t.b, t["c d"], t[1] = 1, 2, 3
print(t.a, t.b, t["c d"], t[1])
local n = 1
n, t[n] = 2, "at"
print(n, t[1], t[2])
t.f = function(self, more) return self.a + more end
function t:g(more) return self.a + more end
function t.h(...) return select("#", ...) end
print(t:f(5), t:g(6), t.h(1, nil, nil))
t.u = { v = {} }
function t.u.v.w() return "deep" end
function t.u.v:m() return self == t.u.v end
print(t.u.v.w(), t.u.v:m())
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end
print(fact(10), fact(20))
local function loop(n) if n == 0 then return "done" end return loop(n - 1) end
print(loop(100000))
for k, v in pairs({ 10, 20, 30 }) do print(k, v) end
for k, v in ipairs({ 1, 2, nil, 4 }) do print(k, v) end
for k, v in next, { "only" } do print(k, v) end
local function range(n)
  local i = 0
  return function() i = i + 1; if i <= n then return i, i * i end end
end
for a, b in range(3) do print(a, b) end
local keys = {}
for k in pairs({ x = 1, y = 2, z = 3, 7 }) do keys[#keys + 1] = tostring(k) end
table.sort(keys)
print(table.concat(keys, " "))
local m = { a = 1, b = 2, c = 3 }
for k in pairs(m) do m[k] = nil end
print(next(m))
local f = function() return end
print(f(), (f()), select("#", f()), select("#", (f())))
print("semicolons")
