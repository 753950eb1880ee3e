import type { Json } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { addressText, readAddress } from '../src/address.ts'
import { baseImages, readInstructions } from '../src/instructions.ts'
import { readLimits } from '../src/limits.ts'
import { createLineMaker } from '../src/lines.ts'
import { markFrom, markIn, markOf } from '../src/marks.ts'
import { sshArguments } from '../src/ssh.ts'

function lines(...pieces: readonly string[]): readonly string[] {
  const found: string[] = []
  const maker = createLineMaker((text) => found.push(text))
  for (const piece of pieces) maker.take(piece)
  maker.end()
  return found
}

describe('lines', () => {
  test.each([
    [
      ['a\nb', 'c\n'],
      ['a', 'bc'],
    ],
    [
      ['a\r\n', 'b\r', '\n', 'c'],
      ['a', 'b', 'c'],
    ],
    [
      ['10%\r20%\r', '30%\r\n', 'x'],
      ['30%', 'x'],
    ],
    [['\u001b[32mgreen\u001b[0m \u001b[1;38;5;9mred\u001b[m\n'], ['green red']],
    [['\u001b[3', '2mgreen\n'], ['green']],
    [['\u001b]8;;http://evil\u0007link\u001b]8;;\u0007\n\u001b]0;title\u001b\\x\n'], ['link', 'x']],
    [['\n\n'], ['', '']],
    [[], []],
  ])('%j', (pieces, whole) => expect(lines(...pieces)).toEqual(whole))

  test('a line without an end does not grow without a bound', () => {
    const found = lines(...Array.from({ length: 100 }, () => 'x'.repeat(10_000)))
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(80_000)
    expect(found.join('').length).toBe(1_000_000)
  })
})

describe('instructions', () => {
  test('have the line they begin on', () => {
    const text = '# syntax=x\n\n# c\nFROM a \\\n  AS b\nRUN x && \\\n# between\n\n  y\nCOPY <<A <<-"B" /\nRUN no\nA\nRUN no\n\tB\n  run z\n'
    expect(readInstructions(text)).toEqual([
      { line: 4, word: 'FROM', rest: 'a AS b' },
      { line: 6, word: 'RUN', rest: 'x && y' },
      { line: 10, word: 'COPY', rest: '<<A <<-"B" /' },
      { line: 15, word: 'RUN', rest: 'z' },
    ])
  })

  test('obey the escape directive, and survive what is no Dockerfile', () => {
    expect(readInstructions('# escape=`\r\nRUN a `\r\n b\\\r\nRUN c').map(({ line }) => line)).toEqual([2, 4])
    for (const text of ['', '\\', 'RUN \\', 'RUN <<EOF\nnever closed', '\uFEFFFROM a', '\0'])
      expect(() => readInstructions(text)).not.toThrow()
  })

  test('name the images they begin from', () => {
    const text =
      'ARG V=3 W\nARG N="node:24"\nFROM --platform=linux/amd64 python:${V}-slim AS base\nARG V=4\nFROM base\nFROM $N\nFROM scratch\nFROM ${X:-debian:12}\nFROM $unknown\nFROM BASE\n'
    expect(baseImages(readInstructions(text), {})).toEqual(['python:3-slim', 'node:24', 'debian:12'])
    expect(baseImages(readInstructions(text), { V: '9', other: 'x' })[0]).toBe('python:9-slim')
  })
})

describe('addresses', () => {
  const tls = { ca: 'ca' }
  test.each([
    [{}, {}, { kind: 'unix', path: '/var/run/docker.sock' }],
    [{}, { DOCKER_HOST: '' }, { kind: 'unix', path: '/var/run/docker.sock' }],
    [{}, { DOCKER_HOST: 'unix:///x/y.sock' }, { kind: 'unix', path: '/x/y.sock' }],
    [{ host: 'tcp://h' }, { DOCKER_HOST: 'unix:///x' }, { kind: 'tcp', host: 'h', port: 2375, tls: undefined }],
    [{ host: 'tcp://h:80' }, {}, { kind: 'tcp', host: 'h', port: 80, tls: undefined }],
    [{ host: 'tcp://[::1]:2376', tls }, {}, { kind: 'tcp', host: '::1', port: 2376, tls }],
    [{ host: 'https://h' }, {}, { kind: 'tcp', host: 'h', port: 2376, tls: {} }],
    [{ host: 'ssh://me@h:22' }, {}, { kind: 'ssh', host: 'h', port: '22', user: 'me' }],
    [{ host: 'ssh://h.example.com' }, {}, { kind: 'ssh', host: 'h.example.com', port: undefined, user: undefined }],
  ])('%j with %j', (options, env, address) => expect(readAddress(options, env)).toEqual(address))

  test.each([
    '',
    'npipe:////./pipe/x',
    'unix://x',
    'unix://',
    'h:2375',
    'tcp://',
    'tcp://h/path',
    'tcp://u:p@h',
    'ssh://-oProxyCommand=x',
    'ssh://h/path',
    'ssh://u:p@h',
    'ssh://-l@h',
    'file:///x',
    'tcp://h:99999',
  ])('refuses %j', (host) => {
    expect(() => readAddress({ host: host || 'x' }, {})).toThrow(/is not an address of a Docker Engine/)
  })

  test('are shown without a password', () => {
    expect(() => readAddress({ host: 'tcp://user:secret@h' }, {})).toThrow(/^(?!.*secret)/)
    expect(addressText(readAddress({ host: 'ssh://me@h:22' }, {}))).toBe('ssh://me@h:22')
    expect(addressText(readAddress({ host: 'tcp://[::1]:1' }, {}))).toBe('tcp://[::1]:1')
  })

  test('by ssh are arguments, with the host behind --', () => {
    expect(sshArguments({ kind: 'ssh', host: 'h', port: '2222', user: 'me' })).toEqual([
      '-T',
      '-o',
      'BatchMode=yes',
      '-o',
      'ConnectTimeout=10',
      '-p',
      '2222',
      '-l',
      'me',
      '--',
      'h',
      'docker',
      'system',
      'dial-stdio',
    ])
  })

  test('with TLS files that are missing say which', () => {
    expect(() => readAddress({ host: 'tcp://h' }, { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/none' })).toThrow('/none/ca.pem')
  })
})

describe('limits', () => {
  test('have defaults', () => expect(readLimits({ cpus: 1 })).toEqual({ memory: 2 ** 31, cpus: 1, network: 'default' }))
  test.each([
    { memory: 1 },
    { memory: Number.NaN },
    { memory: 1.5e8 + 0.5 },
    { cpus: 0 },
    { cpus: Number.NaN },
    { network: '-x' },
    { network: '' },
    { network: 'a b' },
  ])('refuses %j', (limits) => {
    expect(() => readLimits(limits)).toThrow(/has to be/)
  })
})

describe('marks', () => {
  test('go through a host name and labels and back', () => {
    const mark = { owner: 'Ümlaut/x', run: 'r_1.a:b', attempt: 3 }
    expect(markFrom(['other:1.2.3.4', `${markOf(mark, mark.owner)}:127.0.0.1`])).toEqual(mark)
    for (const none of [undefined, null, [], ['kiln.invalid:1'], ['x.zz.zz.kiln.invalid:1']])
      expect(markFrom(none as string[])).toBeUndefined()
    expect(markIn({ 'kiln.owner': 'o', 'kiln.run': 'r', 'kiln.attempt': '2', 'kiln.ref': 'x' })).toEqual({
      owner: 'o',
      run: 'r',
      attempt: 2,
      ref: 'x',
    })
    const odd: Record<string, Json>[] = [
      {},
      { 'kiln.run': 'r' },
      { 'kiln.owner': 'o', 'kiln.run': 'r', 'kiln.attempt': 'x', 'kiln.ref': 'x' },
    ]
    for (const labels of odd) expect(markIn(labels as Record<string, string>)).toBeUndefined()
  })
})
