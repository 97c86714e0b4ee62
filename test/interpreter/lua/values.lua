-- Numbers, texts and how they become one another.
print(1, 1.5, 1e15, 2^53, 0.1 + 0.2, 100000000000000, 1e300 * 1e10, -1e300 * 1e10)
print(10 % 3, -10 % 3, 10 % -3, 5.5 % 2, -5.5 % 2, 7 / 2, 2 ^ 0.5, 2 ^ 3 ^ 2, -2 ^ 2)
print("10" + 1, "0x10" + 0, "1e2" * 1, " 7 " - 2, 10 .. 20, "a" .. "b" .. 1.5, -"3")
print(0x10, 0xff, 1e3, .5, 3., 1E-2, 1e+2)
print(123456789012, 12345678901234, 123456789012345, 1234567890.125, 1 / 3, 100 / 3, 1e-5, 123e-7)
print(tostring(nil), tostring(true), tostring(12), tostring("x"), tostring(1e100))
print(tonumber("0x1F"), tonumber("  12  "), tonumber("1e2"), tonumber("abc"), tonumber(""), tonumber("1 2"), tonumber(nil))
print(tonumber("10", 2), tonumber("zz", 36), tonumber("8", 8), tonumber("ff", 16), tonumber("0xff", 16), tonumber("7", 10))
print(tonumber("1e"), tonumber("0x"), tonumber("."), tonumber("5."), tonumber(".5"), tonumber("- 1"), tonumber("-1"))
print(not nil, not 0, nil and 1, false or "x", 1 and 2, nil == false, "1" == 1, not 1 == 2)
print(1 < 2, "a" < "b", "a" < "B", "" < "a", "abc" < "abd", 2 <= 2, 3 > 2, "b" >= "a", 1 == 1.0, "a" ~= "a")
print(type(print), type(nil), type({}), type("x"), type(2), type(true), type(function() end))
print(#"", #"abc", #"a\0b", "tab\tquote\"single\'back\\", "\65\066\0677")
print([[
first line goes
long]], [==[a]]b]==], [[
]], "a\
b")
print(math.huge == 1 / 0, -math.huge < 0, math.huge .. "")
