import { describe, expect, test } from 'vitest'
import { lexImports, lexPython, scanPython } from '../../src/infer/python-lexer.ts'

/** `level` dots, module, `:` names, `?` when optional. */
function imports(text: string): string[] {
  return lexPython(text).map(
    ({ level, module, names, optional }) =>
      '.'.repeat(level) + module + (names.length > 0 ? `:${names.join('+')}` : '') + (optional ? '?' : ''),
  )
}

describe('import statements', () => {
  test.each<[string, string, string[]]>([
    ['plain, list and alias', 'import a, b.c as d, e\n', ['a', 'b.c', 'e']],
    ['from with alias', 'from a.b import c as d, e\n', ['a.b:c+e']],
    ['brackets, comments and a last comma', 'from a import ( # one (\n  b, # two\n  c,\n)\n', ['a:b+c']],
    ['star', 'from a import *\n', ['a:*']],
    ['relative', 'from . import a\nfrom .b import c\nfrom ... import d\nfrom . . e import f\n', ['.:a', '.b:c', '...:d', '..e:f']],
    ['spaces around dots', 'import a . b\n', ['a.b']],
    ['joined lines', 'import a, \\\n  b\nfrom c \\\r\n import d\n', ['a', 'b', 'c:d']],
    ['several on a line', 'x = 1; import a; import b\n', ['a', 'b']],
    ['after a colon', 'if x: import a\nelse: import b\nclass C: import c\n', ['a', 'b', 'c']],
    ['in functions', 'def f():\n\timport a\n', ['a']],
    ['without a line end', 'import a', ['a']],
    ['CRLF, CR and form feed', 'import a\r\nimport b\rimport c\n\fimport d', ['a', 'b', 'c', 'd']],
    ['a BOM', '\uFEFFimport a', ['a']],
    ['names are compared as Python does', 'import ﬁle\n', ['file']],
    ['dynamic', 'm = importlib.import_module("a.b")\n__import__(\'c\')\nimport_module(".d", "p")\n', ['a.b', 'c', '.d']],
    ['dynamic, not a literal', 'import_module(f"a{x}")\nimport_module("a" + b)\nx.import_module("c")\n', []],
  ])('%s', (_, text, expected) => expect(imports(text)).toEqual(expected))
})

describe('text that is no import', () => {
  test.each<[string, string]>([
    ['docstrings', '"""\nimport a\n"""\n\'\'\'\nfrom a import b\n\'\'\'\n'],
    ['comments', '# import a\nx = 1 # import b\n'],
    ['strings with escaped quotes', 's = "\\"\\\nimport a"\nr"\\"; t = \'\\\nimport a\'\n'],
    ['f-strings with the same quotes inside (3.12)', 'f"{x["import"]}"; y = f"{"import a"}"\n'],
    ['fields with statements in their strings', 'f"{x[";import a;"]}"\n'],
    ['doubled braces', 'f"{{"; g("}"); f"}}"\n'],
    ['fields with line ends, comments and specifications', 'f"{\n x # }\n :>{w}}" + f"{x:\'^10}"\n'],
    ['t-strings (3.14)', 't"{a!r:{b}} {{import a}}"\n'],
    ['nested quotes in triple f-strings', 'f"""\nimport a {f\'{"x"}\'}\nimport b\n"""\n'],
    ['named characters', 'f"\\N{DASH} {x}"\n'],
    ['words that begin alike', 'important = 1\nfrom_ = 2\nimport_module\n'],
    ['yield from', 'def f():\n  x = yield\n  yield from a\n'],
    ['raise from', 'raise A from b\n'],
    ['line continuation', 'x = 1 + \\\n  important\n'],
    ['brackets', 'x = [\n  a,\n  b\n]\n'],
  ])('%s', (_, text) => expect(imports(`${text}import z\n`)).toEqual(['z']))
})

describe('imports a program runs without', () => {
  test.each<[string, string, string[]]>([
    ['except ImportError', 'try:\n  import a\nexcept ImportError:\n  a = None\n', ['a?']],
    ['a tuple of errors', 'try:\n  import a\nexcept (OSError,\n ModuleNotFoundError) as e:\n  pass\n', ['a?']],
    ['another error', 'try:\n  import a\nexcept ValueError:\n  pass\n', ['a']],
    ['the handler gives up', 'try:\n  import a\nexcept ImportError:\n  print("x")\n  raise SystemExit(1)\n', ['a']],
    ['the handler exits', 'try:\n  import a\nexcept ImportError:\n  sys.exit("no a")\n', ['a']],
    ['everything is caught around imports only', 'try:\n  import a\n  HAS = True\nexcept Exception:\n  HAS = False\n', ['a?']],
    ['everything is caught around work', 'try:\n  import a\n  a.run()\nexcept Exception:\n  pass\n', ['a']],
    ['finally is no handler', 'try:\n  import a\nfinally:\n  import b\n', ['a', 'b']],
    ['else of a guarded try', 'try:\n  import a\nexcept ImportError:\n  pass\nelse:\n  import b\nimport c\n', ['a?', 'b?', 'c']],
    ['type checking', 'if TYPE_CHECKING:\n  import a\nelse:\n  import b\nif t.TYPE_CHECKING: import c\nimport d\n', ['a?', 'b', 'c?', 'd']],
    ['brackets do not end a block', 'if TYPE_CHECKING:\n  x = [\n1,\n]\n  import a\nimport b\n', ['a?', 'b']],
    ['another system', 'if sys.platform == "win32":\n  import a\nelse:\n  import b\n', ['a?', 'b']],
    ['suppressed', 'with contextlib.suppress(ImportError):\n  import a\nimport b\n', ['a?', 'b']],
  ])('%s', (_, text, expected) => expect(imports(text)).toEqual(expected))

  test('alternatives know their group and arm', () => {
    const found = lexPython('try:\n  import a\nexcept ImportError:\n  try:\n    import b\n  except ImportError:\n    import c\n')
    expect(found.map((one) => one.alternative?.group)).toEqual([0, 0, 0])
    expect(new Set(found.map((one) => one.alternative?.arm)).size).toBe(3)
  })
})

describe('broken and hostile text', () => {
  test.each([
    ['a triple quote', 'import a\n\nx = """one\nimport b\n', 3],
    ['in a bracket that is open too', "import a\nf(1,\n  '''one\nimport b", 3],
    ['whose end is escaped', 'x = """one\\"""', 1],
    ['after a backslash', 'x = r"""one\\', 1],
    ['of a text with fields', 'x = 1\ny = f"""{one', 2],
    ['a single quote in the last line', 'x = 1\ny = "one', 2],
  ])('a text that never ends, %s, tells its line', (_what, text, line) => {
    expect(lexImports(text).damaged).toBe(line)
    expect(scanPython(text).damaged).toBe(line)
  })

  test.each(['"""one"""', "x = 'one'", 'f"""{one}"""', '"""one\\\\"""', '""', '""""""', 'rb"""\\""""', '"""a"""\n'])(
    'a text that ends where the file does is whole: %s',
    (text) => expect(lexImports(text).damaged).toBeUndefined(),
  )

  test('an unclosed bracket ends where a line can only be an import', () => {
    expect(imports('x = foo(1,\nimport a\nfrom b import c\n')).toEqual(['a', 'b:c'])
  })

  const large = 10_000_000
  test.each<[string, string, number]>([
    ['one long line', `x = "${'a'.repeat(large)}"`, 0],
    ['many imports on one line', 'import a.b.c;'.repeat(100_000), 100_000],
    ['opening brackets', '('.repeat(large), 0],
    ['opening quotes', `"'`.repeat(large / 2), 0],
    ['nested fields', 'f"{'.repeat(300_000), 0],
    ['nested specifications', `f"${'{a:'.repeat(300_000)}`, 0],
    ['named characters without an end', `f"${'\\N{'.repeat(300_000)}`, 0],
    ['tries without bodies', 'try:\n '.repeat(300_000), 0],
    ['from without import', 'from a import (\n'.repeat(300_000), 0],
    ['backslashes', '\\'.repeat(large), 0],
    ['assignments', 'a:b;'.repeat(500_000), 0],
    ['unfinished calls', 'a(b=(\n'.repeat(300_000), 0],
    ['spaces', `a${' '.repeat(large)}`, 0],
    ['dots', `from ${'.'.repeat(large)}`, 0],
    ['not UTF-8 read as latin-1', new TextDecoder('latin1').decode(Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 256)), 0],
  ])('%s', (_, text, count) => {
    // Linear: quadratic work on these sizes would run into the limit of the test by far.
    expect(scanPython(text).imports.length).toBe(count)
  })
})

describe('what starts the program', () => {
  const scan = scanPython(
    [
      'import os',
      'PORT = int(os.environ.get("PORT", "8080"))  # default',
      'app: FastAPI = FastAPI(title="x", lifespan=run)',
      'graph = builder.compile()',
      'def helper(): return make()',
      'async def main():',
      '    await serve(app, port=9000)',
      '    inner = Flask(__name__)',
      'if __name__ == "__main__":',
      '    uvicorn.run("agent:app", host="0.0.0.0", port=PORT, reload=False)',
      '    HTTPServer(("", 8000), Handler).serve_forever()',
      '    app.run(host=os.getenv("HOST"), port=int(os.environ["PORT"]))',
    ].join('\n'),
  )

  test('assignments at the top level', () => {
    expect(scan.assignments.map(({ name, callee, line }) => [name, callee, line])).toEqual([
      ['PORT', 'int', 2],
      ['app', 'FastAPI', 3],
      ['graph', 'builder.compile', 4],
    ])
    expect(scan.assignments[1]!.keywords).toEqual({ title: 'x' })
  })

  test('functions at the top level and the main guard', () => {
    expect(scan.functions).toEqual([
      { name: 'helper', line: 5, async: false },
      { name: 'main', line: 6, async: true },
    ])
    expect(scan.mainGuard).toBe(9)
  })

  test('calls with what their arguments say', () => {
    expect(scan.calls.map(({ callee, place, line }) => [callee, place, line])).toEqual([
      ['serve', 'function', 7],
      ['uvicorn.run', 'main', 10],
      ['HTTPServer', 'main', 11],
      ['app.run', 'main', 12],
    ])
    expect(scan.calls[1]).toMatchObject({ args: ['agent:app'], keywords: { host: '0.0.0.0', port: 8080 }, variables: { port: 'PORT' } })
    expect(scan.calls[2]!.args).toEqual(['', 8000, undefined])
    expect(scan.calls[3]!.variables).toEqual({ host: 'HOST', port: 'PORT' })
  })

  test('keywords named like members of objects are plain data', () => {
    expect(Object.entries(scanPython('f(__proto__=1, constructor="x")').calls[0]!.keywords)).toEqual([
      ['__proto__', 1],
      ['constructor', 'x'],
    ])
  })
})
