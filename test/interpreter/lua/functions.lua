-- Closures, arguments and results.
local function count(...) return select("#", ...), ... end
print(count(1, nil, 3, nil))
print((count(1, 2)))
print(count(count()))
print(count(unpack({ 1, 2, 3 })))
local fns = {}
for i = 1, 3 do fns[i] = function() i = i + 1; return i end end
print(fns[1](), fns[1](), fns[2](), fns[3]())
local function counter() local n = 0; return function() n = n + 1; return n end, function() return n end end
local up, get = counter()
up() up()
print(get())
local other = counter()
print(other(), get())
local k
local list = {}
while #list < 3 do local v = #list; list[#list + 1] = function() v = v + 1; return v end end
print(list[1](), list[1](), list[3]())
local function va(...) return arg.n, arg[1], arg[2] end
print(va(7, 8))
local function named(a, b, ...) local c, d = ...; return a, b, c, d end
print(named(1), named(1, 2, 3, 4, 5))
print(select(-1, 1, 2, 3), select(2, "a", "b", "c"), select("#"))
print(unpack({ 1, 2, 3 }, 2), unpack({ 1, 2, 3 }, 2, 3), unpack({ 1, nil, 3 }, 1, 3))
local outer = 1
local function shadow() local outer = outer + 1; do local outer = outer + 1; return outer end end
print(shadow(), outer)
local function deep() return function() return function() outer = outer + 1; return outer end end end
print(deep()()(), outer)
print(type(_G), _G.print == print, _VERSION)
glob = 5
print(_G.glob, glob, undefined)
_G.other = 6
print(other ~= nil)
print(({ f = function(self, x) return x end }):f(3), ("x"):upper(), #("abc"):sub(2))
print(pcall(function(...) return ... end, 1, 2, 3))
print(xpcall(function() error("no", 0) end, function(m) return "handled " .. m end))
print(next({}), next({ 5 }), type(next))
local function rec(n) return n == 0 and 0 or 1 + rec(n - 1) end
print(rec(100))
print((function(n, ...) return n, select("#", ...) end)(1, 2, 3))
