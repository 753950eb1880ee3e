import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDockerfile, type DockerfileInstruction } from '../../src/dockerfile/parse.ts'
import { shellWords } from '../../src/dockerfile/scan.ts'
import { render } from '../../src/dockerfile/render.ts'
import type { Plan, Step } from '../../src/plan/plan.ts'
import { lexed } from './lexer.ts'
import { planOf, source } from './plans.ts'

// Whatever a plan holds, a Dockerfile with it has exactly the instructions of one without it, and gives the value back.

const hard = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('\\', '"', "'", '$', '{', '}', '`', ' ', '#', '<', '=', '[', ']', ',', 'a', '*', '?', '&', ';', '|'),
    maxLength: 12,
  }),
)
const text = hard.filter((each) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(each))

const instructions = (plan: Plan): readonly DockerfileInstruction[] =>
  parseDockerfile(render(plan, 'classic').text).stages.at(-1)!.instructions
const only = (plan: Plan, keyword: string): DockerfileInstruction => instructions(plan).findLast((each) => each.keyword === keyword)!
const count = (plan: Plan): number => instructions(plan).length

function pairs(from: DockerfileInstruction): Record<string, string> {
  return Object.fromEntries(
    shellWords(from.rest).map((word) => [word.slice(0, word.indexOf('=')), lexed(word.slice(word.indexOf('=') + 1))]),
  )
}

describe('round trips', () => {
  test('values of variables', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const plan = planOf('python', [source], { env: { ONE: one, OTHER: other } })
        expect(pairs(only(plan, 'ENV'))).toEqual({ ONE: one, OTHER: other })
        expect(count(plan)).toBe(count(planOf('python', [source])))
      }),
    )
  })

  test('values of labels', () => {
    fc.assert(
      fc.property(text, (value) => {
        const recipe = render(planOf('python', [source]), 'classic', { labels: { 'org.example.note': value } })
        const label = parseDockerfile(recipe.text).stages[0]!.instructions.find(({ keyword }) => keyword === 'LABEL')!
        expect(pairs(label)['org.example.note']).toBe(value)
      }),
    )
  })

  test('words of the start', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (words) => {
        const plan = planOf('python', [source], { start: ['python', ...words] })
        expect(only(plan, 'CMD').json).toEqual(['python', ...words])
        expect(count(plan)).toBe(count(planOf('python', [source])))
      }),
    )
  })

  test('words of a command: no shell, or one that reads them as they stand', () => {
    fc.assert(
      fc.property(fc.constantFrom('pip', 'prog', 'if', 'A=b', '/bin/x'), fc.array(text, { maxLength: 4 }), (program, words) => {
        const step: Step = { in: 'image', kind: 'run', argv: [program, ...words], secrets: [] }
        const run = only(planOf('python', [source, step]), 'RUN')
        if (run.json) expect(run.json).toEqual([program, ...words])
        else {
          expect(run.rest).toMatch(/^(?:[A-Za-z0-9._/=:@%+, -]|(?<=[A-Za-z0-9])~)+$/)
          expect(run.rest.split(' ')).toEqual([program, ...words])
          expect(['pip', '/bin/x']).toContain(program)
        }
      }),
    )
  })

  test.each([
    ['uv~=0.13.0', 'plain'],
    ['~', 'no shell'],
    ['~root', 'no shell'],
    ['a=~/x', 'no shell'],
    ['a:~/x', 'no shell'],
    ['uv==0.13.*', 'no shell'],
  ])('the word %s: %s', (word, how) => {
    const run = only(planOf('python', [source, { in: 'image', kind: 'run', argv: ['pip', word], secrets: [] }]), 'RUN')
    expect(run.json ? 'no shell' : 'plain').toBe(how)
  })

  test('paths of a copy', () => {
    const path = text.filter((each) => each !== '' && !/[\\/]/.test(each) && each !== '.' && each !== '..')
    fc.assert(
      fc.property(path, (name) => {
        const step: Step = { in: 'image', kind: 'copy', from: 'source', paths: [name], to: 'there' }
        const copy = only(planOf('python', [step]), 'COPY')
        const [from, to] = (copy.json ?? copy.rest.split(' ')).map(lexed)
        // what remains is a pattern in which every wildcard stands for itself
        expect(from!.replace(/\[([*?[])\]/g, '$1')).toBe(name)
        expect(from!.replace(/\[[*?[]\]/g, '')).not.toMatch(/[*?[]/)
        expect(to).toBe('there')
      }),
    )
  })
})

const refused: readonly [string, Partial<Plan>][] = [
  ['a line end in a value', { env: { A: 'x\nRUN id' } }],
  ['NUL in a value', { env: { A: 'x\0' } }],
  ['a line separator in a value', { env: { A: 'x\u2028y' } }],
  ['half a character in a value', { env: { A: 'x\uD800' } }],
  ['a variable without a name', { env: { '': 'x' } }],
  ['= in a name', { env: { 'A=B': 'x' } }],
  ['a space in a name', { env: { 'A B': 'x' } }],
  ['a line end in a name', { env: { 'A\nRUN id': 'x' } }],
  ['a line end in the start', { start: ['python', 'a.py\nRUN id'] }],
  ['an empty start', { start: [] }],
  ['a package that is an option', { steps: [{ in: 'image', kind: 'system', packages: ['--allow-downgrades'] }] }],
  ['a package that is a command', { steps: [{ in: 'image', kind: 'system', packages: ['x;id'] }] }],
  ['a package of two', { steps: [{ in: 'image', kind: 'system', packages: ['x y'] }] }],
  ['a base with a line end', { base: { kind: 'image', ref: 'x\nRUN id' } }],
  ['a base that is an option', { base: { kind: 'image', ref: '--platform=x' } }],
  ['a base with a variable', { base: { kind: 'image', ref: 'x:$Y' } }],
  ['a base with a stage name', { base: { kind: 'image', ref: 'x AS y' } }],
  ['a base in upper case', { base: { kind: 'image', ref: 'acme/UPPER' } }],
  ['a short digest', { base: { kind: 'image', ref: 'x@sha256:abc' } }],
  ['a version that is none', { runtime: { name: 'python', version: '3.11\nRUN id' } }],
  ['a runtime nobody has', { runtime: { name: '__proto__', version: '1' } }],
  ['a distribution nobody has', { base: { kind: 'runtime', distro: 'constructor' } }],
  ['a port beyond', { port: 65_536 }],
  ['a secret with options', { steps: [{ in: 'image', kind: 'run', argv: ['x'], secrets: ['a,target=/etc'] }] }],
  ['a path with a line end', { steps: [{ in: 'image', kind: 'copy', from: 'source', paths: ['a\nRUN id'], to: '.' }] }],
  [
    'a tool with a shell in it',
    {
      toolchains: [{ name: 'pnpm', version: '10;id' }],
      steps: [{ in: 'build', kind: 'node', manager: 'pnpm', manifests: ['package.json'], groups: [] }],
    },
  ],
  ['requirements that are an option', { steps: [{ in: 'image', kind: 'python', manager: 'pip', manifests: ['--pre'], groups: [] }] }],
  [
    'requirements with a shell in it',
    {
      steps: [{ in: 'image', kind: 'node', manager: 'pnpm', manifests: ['package.json'], groups: [] }],
      toolchains: [{ name: 'pnpm', version: '9$(id)' }],
    },
  ],
  ['a line longer than the classic builder reads', { env: { A: 'x'.repeat(66_000) } }],
]

describe('refused', () => {
  test.each(refused)('%s', (_, more) => {
    const dialect = more.steps?.some((step) => step.kind === 'run') ? 'buildkit' : 'classic'
    expect(() => render(planOf('python', [source], more), dialect)).toThrow(expect.objectContaining({ code: 'invalid_plan' }))
  })

  test('a label without a name', () => {
    expect(() => render(planOf('python', [source]), 'classic', { labels: { ' ': 'x' } })).toThrow(
      expect.objectContaining({ code: 'invalid_plan' }),
    )
  })
})
