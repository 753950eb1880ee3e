import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutComments } from '../../src/infer/loose-json.ts'
import { readConfig } from '../../src/plan/config.ts'
import { validateConfig } from '../../src/plan/validate.ts'
import { plan } from '../../src/plan/make-plan.ts'
import { files } from '../../src/source/files.ts'

const tree = { 'main.py': 'import requests\n', 'src/app.py': '', 'requirements.txt': 'requests\n' }

async function told(text: string): Promise<readonly string[]> {
  await using source = await files(tree)
  return validateConfig(text, 'kiln.json', source).map(({ line, column, level, message }) => `${line}:${column} ${level} ${message}`)
}

describe('all that is wrong with a kiln.json, in the order of the file', () => {
  test('several unknown fields of one object, and values of every depth', async () => {
    expect(await told('{\n  "prot": 1,\n  "entrypont": "x",\n  "env": { "add": { "1": "" }, "more": 1 },\n  "start": ["a", 5]\n}')).toEqual(
      [
        '2:3 error unknown field "prot", did you mean "port"?',
        '3:3 error unknown field "entrypont", did you mean "entrypoint"?',
        '4:26 error "env.add.1" must be the name of an environment variable',
        expect.stringMatching(/^4:32 error unknown field "env\.more" \(known: add, remove\)$/),
        '5:18 error "start[1]" must be a text, or { "env": name, "default": text }',
      ],
    )
  })

  test('an edition that is not known hides nothing else', async () => {
    expect(await told('{ "edition": "2026.10", "dependencies": { "add": ["requsts"] } }')).toEqual([
      expect.stringMatching(/^1:14 error "edition": .* did you mean 2026\.11\?/),
      expect.stringMatching(/^1:51 warning .* did you mean "requests"\?$/),
    ])
  })

  test('a value that is none of a few', async () => {
    expect(await told('{ "packageManager": "poerty" }')).toEqual([
      expect.stringMatching(/^1:21 error .*, not "poerty", did you mean "poetry"\?$/),
    ])
  })

  test.each([
    ['fastpi', '1:30 error "framework" must be a framework that Kiln knows, did you mean "fastapi"?'],
    ['no-such-thing', '1:30 error "framework" must be a framework that Kiln knows'],
    ['next', '1:30 warning "framework" next chooses nothing: the source is python'],
  ])('a framework: %s', async (name, said) => {
    expect(await told(`{ "port": 80, "framework":   "${name}" }`)).toEqual([said])
  })

  test('a framework that is not known is no plan, with its place', async () => {
    const next = { 'package.json': '{ "dependencies": { "next": "15" }, "scripts": { "build": "next build" } }' }
    await using source = await files({ ...next, 'kiln.json': '{\n  "framework": "nxt"\n}' })
    const message = 'kiln.json:2: "framework" must be a framework that Kiln knows, did you mean "next"?'
    expect(plan(source)).toMatchObject({ ok: false, code: 'invalid_config', message, file: 'kiln.json', line: 2 })
  })

  test('a fault of the schema does not hide one of the source', async () => {
    expect(await told('{ "port": 0, "unit": "scr" }')).toEqual([
      '1:11 error "port" must be at least 1',
      '1:22 error "unit" scr is no directory of the source, did you mean "src"?',
    ])
  })

  test('a path of context.add', async () => {
    const message = '"context.add[1]" lib is not in the source, or its ignore rules leave it out'
    expect(await told('{ "context": { "add": ["src",\n"lib"] } }')).toEqual([`2:1 error ${message}`])
  })

  test('a command to leave out that is none of the plan', async () => {
    const text = '{ "build": { "add": [["make"]], "remove": [["make"], ["npm", "run", "build"]] } }'
    const message = '"build.remove[1]" npm run build is no command of the plan, which has: make'
    expect(await told(text)).toEqual([`1:54 warning ${message}`])
  })

  test('a list in place of an object', async () => {
    expect(await told('{ "runtime": ["3.12"] }')).toEqual(['1:14 error "runtime" must be an object, not a list'])
    expect(await told('{ "dependencies": ["httpx"] }')).toEqual([
      '1:19 error "dependencies" must be an object, not a list: write { "add": [...] }, since lists extend what is found',
    ])
  })

  test('what is right has none', async () => {
    expect(
      await told('{ "entrypoint": "main.py", /* x */ "runtime": { "version": "3.12" }, "dependencies": { "add": ["httpx>=0.27"] } }'),
    ).toEqual([])
  })

  test('more than fifty are cut, and nothing is thrown', async () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`x${at}`, 1]))
    expect(await told(JSON.stringify(many))).toHaveLength(50)
  })

  test('whatever the text is, nothing is thrown', async () => {
    await using source = await files(tree)
    const json = fc.json({ maxDepth: 4 })
    const fields = fc.dictionary(
      fc.constantFrom('env', 'start', 'base', 'dependencies', 'runtime', 'edition', '__proto__', 'port'),
      fc.jsonValue(),
    )
    const texts = fc.oneof(
      fc.string(),
      json,
      fields.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(texts, (text) => {
        for (const { message } of validateConfig(text, 'kiln.json', source)) expect(message).not.toBe('')
      }),
      { seed: 7, numRuns: 400 },
    )
  })
})

describe('comments', () => {
  test.each([
    ['// all\n{"port": 1}'],
    ['{"port": /* one\ntwo */ 1}'],
    ['{"port": 1 // "edition": "x"\n}'],
    ['{"port": 1}//'],
    ['{"port": 1}/**/'],
    ['{"port": 1 /* " */, /* \\" */ "unit": "a//b/*c*/"}'],
  ])('%j', (text) => {
    expect(readConfig(text, 'kiln.json').port).toBe(1)
    expect(withoutComments(text)).toHaveLength(text.length)
  })

  test('in texts are texts; without an end they are none', () => {
    expect(readConfig('{"unit": "a//b"}', 'kiln.json').unit).toBe('a//b')
    for (const text of ['{"port": 1} /* no end', '{"port": 1} /', '{"port": 1} /*/'])
      expect(() => readConfig(text, 'kiln.json')).toThrow(expect.objectContaining({ code: 'invalid_config' }))
  })

  test('are taken away in linear time', () => {
    const hostile = '/* '.repeat(400_000)
    expect(withoutComments(hostile)).toBe(hostile)
    expect(withoutComments(`${'/* '.repeat(200_000)}*/`).trim()).toBe('')
    expect(withoutComments('"\\'.repeat(300_000))).toHaveLength(600_000)
  })

  test('keep every offset', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('/', '*', '"', '\\', '\n', 'a', ' ') }), (text) => {
        const bare = withoutComments(text)
        expect(bare).toHaveLength(text.length)
        for (let at = 0; at < text.length; at++) if (bare[at] !== text[at]) expect(bare[at]).toBe(' ')
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})
