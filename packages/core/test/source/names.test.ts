import { describe, expect, test } from 'vitest'
import { checkLinks } from '../../src/source/links.ts'
import { badName, checkNames, checkPath, checkTwins, foldName } from '../../src/source/names.ts'

const code = (run: () => void): unknown => {
  try {
    run()
    return 'fine'
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}

test.each([
  ...[
    'a',
    'README.md',
    '.env',
    '...a',
    '-x',
    '--privileged',
    '$(id).py',
    '[id].tsx',
    '(group)',
    '@slot',
    'a b',
    'a"b',
    "a'b",
    'a*b',
    'a?',
    'a|b',
    '<a>',
  ],
  ...[
    'console',
    'con2',
    'aux-file.py',
    'auxiliary',
    'com',
    'com10',
    'lpt',
    'nulls.txt',
    '日本語.txt',
    'ä',
    '\u{1f600}',
    'x'.repeat(255),
    '__proto__',
    'a..b',
  ],
])('a good name: %s', (name) => {
  expect(badName(name)).toBeUndefined()
})

test.each([
  '',
  '.',
  '..',
  'a/b',
  'a\\b',
  'a:b',
  'a.',
  'a ',
  'a..',
  'CON',
  'Aux',
  'nul.tar.gz',
  'COM¹',
  'com0',
  'conout$',
  'prn .x',
  '\u00ad',
  '\u200b',
  'x'.repeat(256),
  '\ufffd',
])('a bad name: %j', (name) => {
  expect(badName(name)).toMatch(/^(has|leads) /)
})

describe('a directory at a time is as strict as a path at a time', () => {
  test.each([
    ['d', 'x'],
    ['d', 'con'],
    ['d/'.repeat(63).slice(0, -1), 'x'],
    ['d/'.repeat(64).slice(0, -1), 'x'],
    [`${'a'.repeat(250)}/`.repeat(16) + 'a'.repeat(78), 'x'],
    [`${'a'.repeat(250)}/`.repeat(16) + 'a'.repeat(79), 'x'],
    [`${'é'.repeat(125)}/`.repeat(16) + 'a'.repeat(79), 'x'],
  ])('%#', (folder, name) => {
    expect(code(() => checkNames(folder, ['y', name]))).toBe(code(() => checkPath(`${folder}/${name}`)))
  })

  test('the bounds themselves', () => {
    expect(code(() => checkPath('d/'.repeat(63) + 'x'))).toBe('fine')
    expect(code(() => checkPath('d/'.repeat(64) + 'x'))).toBe('invalid_path')
    expect(code(() => checkPath(`${'a'.repeat(250)}/`.repeat(16) + 'a'.repeat(80)))).toBe('fine')
    expect(code(() => checkPath(`${'a'.repeat(250)}/`.repeat(16) + 'a'.repeat(81)))).toBe('invalid_path')
  })
})

test.each([
  [['a', 'b', 'A1'], 'fine'],
  [['a', 'A'], 'path_collision'],
  [['A', 'a'], 'path_collision'],
  [['É', 'é'], 'path_collision'],
  [['ß', 'SS'], 'path_collision'],
  [['ſ', 's'], 'path_collision'],
  [['ﬁ', 'FI'], 'path_collision'],
  [['ΣΑΣ', 'σας'], 'path_collision'],
  [['é', 'e'], 'fine'],
] as const)('twins %j: %s', (names, expected) => {
  expect(code(() => checkTwins('d', names))).toBe(expected)
})

test('folding is the same for what it has folded', () => {
  for (const name of ['Straße', 'ẞ', 'İ', 'ı', 'ΣΑΣ', 'ﬁ', 'e\u0301', '\u212b', 'ŉ', 'ᾳ', 'Ǆ'])
    expect(foldName(foldName(name)), name).toBe(foldName(name))
})

test.each([
  [{ 'a/l': '../b' }, 'fine'],
  [{ l: 'gone/deep/../..' }, 'fine'],
  [{ l: '.' }, 'fine'],
  [{ l: 'a/' }, 'fine'],
  [{ l: '..' }, 'link_outside'],
  [{ l: 'a/../..' }, 'link_outside'],
  [{ l: '/x' }, 'link_outside'],
  [{ l: 'c:x' }, 'link_outside'],
  [{ l: '\\x' }, 'link_outside'],
  [{ l: 'a\\b' }, 'invalid_path'],
  [{ l: 'x'.repeat(256) }, 'invalid_path'],
  [{ 'a/up': '..', l: 'a/up/b' }, 'fine'],
  [{ 'a/up': '..', l: 'a/up/..' }, 'link_outside'],
  [Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`l${at}`, `l${at + 1}`])), 'fine'],
  [Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`l${at}`, `l${at + 1}`])), 'link_outside'],
  [Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`l${at}`, `l${at + 1}/../l${at + 1}`])), 'link_outside'],
])('links %j: %s', (links, expected) => {
  expect(code(() => checkLinks(new Map(Object.entries(links as Record<string, string>))))).toBe(expected)
})
