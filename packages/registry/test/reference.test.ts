import { describe, expect, test } from 'vitest'
import { formatReference, isRegistryError, parseReference, withDefaults, type RegistryError } from '../src/index.ts'

const hex = 'a'.repeat(64)

function refusal(text: string): RegistryError {
  try {
    parseReference(text)
  } catch (error) {
    if (isRegistryError(error)) return error
  }
  throw new Error(`"${text}" was not refused`)
}

describe('parseReference', () => {
  test.each([
    ['python', { path: 'python' }],
    ['python:3.11-slim', { path: 'python', tag: '3.11-slim' }],
    ['library/python', { path: 'library/python' }],
    ['localhost/kiln/me/app:0123', { domain: 'localhost', path: 'kiln/me/app', tag: '0123' }],
    ['127.0.0.1:5000/a', { domain: '127.0.0.1:5000', path: 'a' }],
    ['[::1]:5000/a:b', { domain: '[::1]:5000', path: 'a', tag: 'b' }],
    ['ghcr.io/a/b/c:v1', { domain: 'ghcr.io', path: 'a/b/c', tag: 'v1' }],
    ['Example/a', { domain: 'Example', path: 'a' }],
    [`a@sha256:${hex}`, { path: 'a', digest: `sha256:${hex}` }],
    [`r.io:443/a_b/c__d/e---f:T_.-9@sha256:${hex}`, { domain: 'r.io:443', path: 'a_b/c__d/e---f', tag: 'T_.-9', digest: `sha256:${hex}` }],
    [`localhost/${hex}`, { domain: 'localhost', path: hex }],
    [`r.io/${'a'.repeat(250)}`, { domain: 'r.io', path: 'a'.repeat(250) }],
  ])('%s', (text, parts) => {
    expect(parseReference(text)).toEqual(parts)
    expect(formatReference(parseReference(text))).toBe(text)
  })

  test.each([
    '',
    ' ',
    'a b',
    '--rm',
    '-x',
    '--foo/bar',
    'UPPER',
    'docker.io/UPPER',
    'a/Up',
    'a..b',
    '../x',
    'a/../b',
    '/a',
    'a/',
    'a//b',
    './a',
    'a/.',
    'a:',
    ':a',
    'a:b:c',
    'a:-x',
    `a:${'t'.repeat(129)}`,
    'a:x y',
    'a:tag/x',
    hex,
    `a@sha256:${'a'.repeat(63)}`,
    `a@sha256:${'A'.repeat(64)}`,
    'a@sha256:',
    'a@',
    'a@md5:abc',
    `a@sha256:${hex}@sha256:${hex}`,
    'a___b',
    'a_.b',
    'a-',
    '-a',
    '.a',
    'host:port/a',
    'host:/a',
    'host:0/a',
    'host:65536/a',
    'host:99999999/a',
    'http://h/a',
    'user@h.io/a',
    'h.io:5000:5000/a',
    '-h.io/a',
    'h-.io/a',
    'h..io/a',
    '[::1/a',
    '[zz]/a',
    'a\nb',
    'a\u0000',
    'ä',
    'a\u202Eb',
    `r.io/${'a'.repeat(251)}`,
    'a'.repeat(300),
    'a/'.repeat(100_000),
    `${'a-'.repeat(100)}!`,
    '$(id)',
    'a;b',
    "a'b",
    'a\\b',
    'a%2fb',
  ])('refuses %j', (text) => {
    const error = refusal(text)
    expect(error.kind).toBe('invalid_reference')
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(error.message.length).toBeLessThan(250)
  })
})

describe('withDefaults', () => {
  test.each([
    ['python', 'docker.io/library/python:latest'],
    ['team/app:1', 'docker.io/team/app:1'],
    ['index.docker.io/python', 'docker.io/library/python:latest'],
    ['docker.io/a/b', 'docker.io/a/b:latest'],
    ['localhost/a', 'localhost/a:latest'],
    [`python@sha256:${hex}`, `docker.io/library/python@sha256:${hex}`],
  ])('%s is %s', (text, full) => {
    expect(formatReference(withDefaults(parseReference(text)))).toBe(full)
  })
})
