-- The string library.
print(string.byte("abc", 1, -1), string.byte("abc"), string.byte("abc", 10), string.byte("abc", -1), string.char(72, 105), string.char())
print(("x"):upper(), ("Abc1"):lower(), ("abc"):reverse(), ("abc"):len(), (""):reverse())
print(("hello"):sub(2, -2), ("hello"):sub(-3), ("hello"):sub(0), ("hello"):sub(10), ("hello"):sub(2, 1), ("hello"):sub(-100, 2), ("hello"):sub(3, 100))
print(string.find("hello world", "o w"), string.find("hello", "l+"), string.find("a.b", ".", 1, true), string.find("abc", "b", -1))
print(string.find("abc", ""), string.find("", ""), string.find("abc", "", 10), string.find("abc", "c", -1), string.find("a+b", "+", 1, true))
print(string.find("abc", "(b)(c)"), string.find("abc", "()b()"), string.find("aXb", "%u"), string.find("abc", "^b"), string.find("abc", "^a"))
print(string.match("key = value", "(%w+)%s*=%s*(%w+)"), string.match("2024-01-02", "(%d+)-(%d+)-(%d+)"))
print(string.match("  x  ", "^%s*(.-)%s*$") .. "|", string.match("abc", "b"), string.match("abc", "x"), string.match("abc", "()", 2))
print(string.match("f(a(b)c)d", "%b()"), string.match("THE (quick) fox", "%((%a+)%)"), string.match("x=[y]", "%[(.-)%]"))
print(string.find("THE (quick) fox", "%f[%a]%a+", 5), string.match("hello", "(h)(e)(l)%3"), string.match("aa", "^(a)%1$"))
print(string.match("0x1F", "^0[xX](%x+)$"), string.match("a-b", "[a%-]+"), string.match("]]", "[]]+"), string.match("^x", "[%^x]+"), string.match("abc123", "[^%d]+"))
print(string.match("500m", "^(%d+)(%a*)$"), string.match("1.5Gi", "^([%d%.]+)(%a+)$"), string.match("-", "-"), #string.match("a\0b", "%z"))
print(string.match("aaa", "a-"), string.match("aaab", "a-b"), string.match("aaa", "a?a?a?a?"), string.match("abab", "(ab)%1"), string.match("x", ".-$"))
for w in string.gmatch("one two  three", "%a+") do print(w) end
for k, v in string.gmatch("a=1, b=2", "(%w+)=(%w+)") do print(k, v) end
for p in string.gmatch("abc", "()") do print(p) end
for w in ("a,b,,c"):gmatch("([^,]*)") do print("[" .. w .. "]") end
print(type(string.gfind), string.len("äö"), ("ä"):byte(1, -1))
print(string.format("%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%.3d|%5.2d", 42, 42, 42, 42, 42, 255, 255, 255, 8, 5, 7))
print(string.format("%e|%.2e|%f|%.2f|%.0f|%10.3f|%-10.1f|%g|%g|%g|%g|%.3g|%#g|%E|%G", 12345.678, 0, 1.5, 2.345, 2.5, 3.14159, 2.25, 1e20, 0.1, 100000, 1e-5, 1234.5, 2, 1e5, 1e-10))
print(string.format("%q", 'a "q"\n\\ \0 \r'))
print(string.format("%s|%10s|%-10s|%.3s|%c|%%|%i|%u|%5s|%s", "s", "r", "l", "truncate", 65, 7, 9, true and "yes", 1.5))
print(string.format("%d %s", "10", 20), string.format("%5.1f|%5.0f", 9.96, 0.5), string.format("%d", 3.0), string.format("%d", -0.5))
print(string.format("%f", 2 ^ 70), string.format("%.14g", 0.1), string.format("%.17g", 0.1))
print(tostring(1e15), tostring(-1e15), 1e14 .. "", 99999999999999 .. "")
