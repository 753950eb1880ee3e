import { describe, expect, test } from 'vitest'
import { parseDockerfile } from '../../src/dockerfile/parse.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const utf16 = (text: string): Uint8Array => new Uint8Array([0xff, 0xfe, ...Array.from(text, (c) => [c.charCodeAt(0), 0]).flat()])

describe('reads', () => {
  const parsed = parseDockerfile(`# syntax=docker/dockerfile:1
# escape=\\
# check=skip=all

ARG VERSION=3.11
ARG FULL="\${VERSION}-slim"
FROM --platform=linux/amd64 python:$FULL AS Base
RUN --mount=type=cache,target=/root/.cache \\
    # a comment in between

    pip install \\
      requests
COPY ["a file", "b"]
FROM base
RUN <<EOF bash
echo hi
EOF
CMD ["python", "x.py"]
`)

  test('directives with their lines', () => {
    expect([...parsed.directives]).toEqual([
      ['syntax', { value: 'docker/dockerfile:1', line: 1 }],
      ['escape', { value: '\\', line: 2 }],
      ['check', { value: 'skip=all', line: 3 }],
    ])
  })

  test('stages, with arguments put in and names of stages known', () => {
    expect(parsed.stages.map(({ name, line, from }) => ({ name, line, from }))).toEqual([
      { name: 'base', line: 7, from: { text: 'python:$FULL', ref: 'python:3.11-slim', platform: 'linux/amd64' } },
      { name: undefined, line: 14, from: { text: 'base', ref: 'base', stage: 0 } },
    ])
  })

  test('continued lines, flags, JSON forms, heredocs', () => {
    const [run, copy] = parsed.stages[0]!.instructions
    expect(run).toMatchObject({ keyword: 'RUN', line: 8, endLine: 12, flags: [{ name: 'mount', value: 'type=cache,target=/root/.cache' }] })
    expect(run!.rest.replace(/\s+/g, ' ')).toBe('pip install requests')
    expect(copy!.json).toEqual(['a file', 'b'])
    const [heredoc, cmd] = parsed.stages[1]!.instructions
    expect(heredoc!.heredocs).toEqual([{ name: 'EOF', expand: true, text: 'echo hi\n' }])
    expect(cmd).toMatchObject({ keyword: 'CMD', line: 18, json: ['python', 'x.py'] })
  })

  test('an argument of the build wins over the default; one without a value leaves the reference open', () => {
    expect(parseDockerfile('ARG V=1\nFROM x:$V', { V: '2' }).stages[0]!.from.ref).toBe('x:2')
    expect(parseDockerfile('ARG V\nFROM x:$V').stages[0]!.from).toEqual({ text: 'x:$V' })
    expect(parseDockerfile('ARG V\nFROM x:${V:-7}').stages[0]!.from.ref).toBe('x:7')
    expect(parseDockerfile('ARG V=a\nFROM x:${V:+b}').stages[0]!.from.ref).toBe('x:b')
  })

  test.each([
    ['CRLF', 'FROM x\r\nRUN a \\\r\n  b\r\n', 3],
    ['a byte order mark', '\uFEFFFROM x\nRUN a \\\n b', 3],
    ['a backtick as escape', '# escape=`\nFROM x\nRUN a `\n b', 4],
  ])('%s', (_, text, endLine) => {
    const [run] = parseDockerfile(bytes(text)).stages[0]!.instructions
    expect(run!.rest.replace(/\s+/g, ' ')).toBe('a b')
    expect(run!.endLine).toBe(endLine)
  })

  test('a doubled escape does not continue a line', () => {
    expect(parseDockerfile('FROM x\nRUN a \\\\\nRUN b').stages[0]!.instructions).toHaveLength(2)
  })

  test('<< in quotes, in arithmetic of a here string, and in other instructions is no heredoc', () => {
    const { stages } = parseDockerfile('FROM x\nRUN echo "<<EOF"\nRUN cat <<<word\nENV A=<<EOF\n')
    expect(stages[0]!.instructions.map(({ heredocs }) => heredocs.length)).toEqual([0, 0, 0])
  })

  test('what ONBUILD holds', () => {
    expect(parseDockerfile('FROM x\nONBUILD RUN --mount=type=ssh true').stages[0]!.instructions[0]!.onbuild).toMatchObject({
      keyword: 'RUN',
      flags: [{ name: 'mount', value: 'type=ssh' }],
    })
  })
})

const wrong: readonly [string, string | Uint8Array, number, RegExp][] = [
  ['empty', '', 1, /holds no instruction/],
  ['only comments', '# nothing\n\n', 1, /holds no instruction/],
  ['no FROM', 'ARG A=1\n', 1, /has no FROM/],
  ['RUN before FROM', '\nRUN x\nFROM y', 2, /RUN comes before the first FROM/],
  ['1 MB and more', `FROM x\n${'# x\n'.repeat(300_000)}`, 1, /larger than 1048576 bytes/],
  ['UTF-16', utf16('FROM x\n'), 1, /UTF-16/],
  ['other bytes', new Uint8Array([...bytes('FROM x\nRUN '), 0xe9, 0x0a]), 2, /not UTF-8/],
  ['NUL', 'FROM x\nRUN a\0b\n', 2, /NUL/],
  ['an unknown instruction', 'FROM x\nRUNN pip install', 2, /unknown instruction "RUNN", did you mean RUN\?/],
  ['a text that is none', 'root:x:0:0:root:/root:/bin/bash\n', 1, /unknown instruction "ROOT:X:0:0:ROOT:\/ROOT:\/BIN\/BAS…"/],
  ['an instruction without words', 'FROM x\nRUN', 2, /RUN needs an argument/],
  ['FROM with two words', 'FROM a b', 1, /FROM needs an image/],
  ['a FROM that becomes empty', 'ARG A=""\nFROM $A', 2, /names no image/],
  ['a stage with a bad name', 'FROM a AS 1x', 1, /cannot be the name/],
  ['a heredoc without an end', 'FROM x\nRUN <<EOF\necho', 2, /heredoc "EOF" has no end/],
  ['another escape', '# escape=x\nFROM y', 1, /must be/],
  ['a directive twice', '# syntax=a\n# syntax=b\nFROM y', 2, /given twice/],
]

describe('names the line of', () => {
  test.each(wrong)('%s', (_, input, line, message) => {
    try {
      parseDockerfile(input)
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid_dockerfile', data: { line } })
      expect((error as Error).message).toMatch(message)
      return
    }
    expect.unreachable('it was read')
  })
})

test('a megabyte of hard lines is read in reasonable time', () => {
  const line = `RUN x --a="${'x'.repeat(2000)} "'${'"'.repeat(500)}\\`
  const began = performance.now()
  expect(() => parseDockerfile(`FROM x\n${`${line}\n`.repeat(400)}`)).not.toThrow()
  expect(performance.now() - began).toBeLessThan(5000) // a quadratic reader would need minutes
})
