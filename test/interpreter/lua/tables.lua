-- Tables and their library.
local t = { 1, 2, 3, nil, 5 }
print(#t, t[5], t[4])
local q = { f = 1, ["g"] = 2, [3] = 4, 10, 20; 30 }
print(q.f, q.g, q[3], q[1], #q)
local s = { 5, 2, 8, 1 }
table.sort(s) print(table.concat(s, " "))
table.sort(s, function(a, b) return a > b end) print(table.concat(s, " "))
table.insert(s, 9) table.insert(s, 1, 7) table.insert(s, 3, 6) print(table.concat(s, " "))
print(table.remove(s), table.remove(s, 1), table.remove(s, 2), #s, table.concat(s, ","))
print(table.remove({}), #s, table.maxn(s), table.getn(s), table.maxn({ [10] = 1, [3.5] = 2, x = 3 }))
print(table.concat({ 1, 2, "x" }, ","), table.concat({}, ","), table.concat({ 1, 2, 3 }, "-", 2, 3), table.concat({ 1, 2 }), table.concat({ 1 }, ",", 2))
local names = { "delta", "alpha", "charlie", "bravo" }
table.sort(names) print(table.concat(names, " "))
local objs = { { n = 3 }, { n = 1 }, { n = 2 } }
table.sort(objs, function(a, b) return a.n < b.n end)
for _, o in ipairs(objs) do print(o.n) end
table.foreach({ 1, x = nil }, print)
print(table.foreachi({ "a", "b", "c" }, function(i, v) if v == "b" then return i end end))
local a = {}
a[1] = "x" a[2] = "y" a[4] = "w" a[3] = "z"
print(#a, a[4])
a[#a] = nil
print(#a)
a[1.0] = "one" a["1"] = "text"
print(a[1], a["1"])
local k = {}
a[k] = "by table" a[true] = "by true" a[print] = "by function" a[1.5] = "by fraction" a[-1] = "by negative" a[0] = "zero"
print(a[k], a[true], a[print], a[1.5], a[-1], a[0], a[{}], #a)
local n = 0
for _ in pairs(a) do n = n + 1 end
print(n)
local self = {} self.self = self
print(self.self.self == self, { } == { })
local nested = { a = { b = { c = { "deep" } } } }
print(nested.a.b.c[1], nested["a"]["b"].c[1], (nested.a or {}).x, ((nested.x or {}).y or {}).z)
local removed = { 1, 2, 3, 4, 5 }
for i = #removed, 1, -1 do if removed[i] % 2 == 0 then table.remove(removed, i) end end
print(table.concat(removed, " "))
print(#{ n = 1 }, #{ 1, 2, nil }, #{ nil }, #{ (function() return 1, 2, 3 end)() }, #{ (function() return 1, 2, 3 end)(), 10 })
