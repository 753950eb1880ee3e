"""Every place where Python's grammar has imports, and many where a text only looks like one.

import not_this
from not_this import either
"""
from __future__ import annotations

import a1
import a2, a3.b, a4.c.d as e
import a5 . b
import a6, \
    a7
from b1 import x
from b2 import (x)
from b3 import (  # (
    x,  # import no
    y as z,
)
from b4 import *
from . import c1
from .c2 import x
from .. import c3
from ... import c4
from ....c5.d import x
from . . c6 import x
x = 1; import d1; from d2 import y
if x: import d3
else: import d4
for x in "import no": import d5
while x:
    import d6
    break
with open("import no") as f, open('from no import x'): import d7


class C:
    import e1

    def method(self, a: "import no" = 'from no import x', *b, **c) -> dict[str, int]:
        from e2 import x
        return lambda: x

    async def other(self):
        import e3
        async with self as x:
            import e4
        yield x


def generator():
    value = yield
    yield from value
    try:
        import f1
    except (ImportError, ValueError) as error:
        import f2
        raise RuntimeError from error
    except Exception:
        import f3
    else:
        import f4
    finally:
        import f5


match x:
    case {"import": 1, **rest}: import g1
    case [1, 2] | "from no import x":
        import g2

s1 = 'import no'; s2 = "from no import x"; s3 = '\'; import no'; s4 = "\\"; import h1
s5 = '''
import no
'''; import h2
s6 = r"\"; import no"; import h3
s7 = rb'\'; import no'; s8 = Rb"""
import no \""" import no
"""; import h4
s9 = "continued \
import no"; import h5
f1 = f"{x}; import no"; f2 = f'{x["import"]}'; f3 = f"{{import no}}"; import i1
f4 = f"""
import no {x}
{'''import no'''}
"""; import i2
f5 = f"{x!r:>{width}}"; f6 = f"{x:'^10}"; f7 = F'{x:%H:%M}'; f8 = fr"\{x}"; import i3
f9 = f"\N{EM DASH}{x}"; import i4
important = fromage = import_ = from_ = 1
important.x = {"import": [
    1, 2, (3,
    4)], 'from': "x"}
annotated: "import no" = 5
if (n := len("import no")) > 3: import j1
long = x[1:2, ::3]; import j2
@decorator("import no")
def decorated(): import j3
assert x, "import no"; del x; import j4
	
import k1  # the last one
