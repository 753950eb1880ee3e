import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createIgnore, denyList, ignoreFileNames, type IgnoreFolder, type IgnoreOptions } from '@kiln/core'
import { compile } from '../../src/source/pattern.ts'
import { readIgnoreFile } from '../../src/source/ignore-file.ts'
import { Rules } from '../../src/source/rules.ts'

interface Walked {
  readonly kept: string[]
  readonly opened: string[]
  readonly denied: readonly string[]
}

/** What a walker that opens only what it must gets of a tree; directories end in a slash. */
function walked(paths: readonly string[], content: string | Uint8Array, options: Partial<IgnoreOptions> = {}): Walked {
  const ignore = createIgnore({ rules: 'as-given', file: { path: '.dockerignore', content }, ...options })
  const kept: string[] = []
  const opened: string[] = []
  const visit = (folder: IgnoreFolder): boolean => {
    const inside = folder.path === '' ? '' : `${folder.path}/`
    const names = [
      ...new Set(
        paths
          .filter((path) => path.startsWith(inside))
          .map((path) => path.slice(inside.length))
          .filter(Boolean)
          .map((rest) => (rest.includes('/') ? rest.slice(0, rest.indexOf('/') + 1) : rest)),
      ),
    ]
    opened.push(folder.path)
    if (!folder.listed(names.map((name) => name.replace('/', '')))) return false
    let any = folder.kept
    for (const name of names) {
      if (!name.endsWith('/')) {
        if (!folder.file(name)) continue
        kept.push(inside + name)
        any = true
        continue
      }
      const below = folder.folder(name.slice(0, -1))
      if (below.opened ? visit(below) : below.kept) {
        kept.push(inside + name)
        any = true
      }
    }
    return any
  }
  visit(ignore.root)
  return { kept: kept.toSorted(), opened: opened.toSorted(), denied: ignore.ignored().denied }
}

describe('the famous cases', () => {
  const tree = ['README.md', 'a.md', 'docs/a.md', 'docs/deep/b.md', 'src/a.py', 'src/a.log', 'src/lib/a.py', 'lib', '.env']
  test.each<readonly [rules: string, left: readonly string[]]>([
    [
      '*.md',
      ['.env', 'docs/', 'docs/a.md', 'docs/deep/', 'docs/deep/b.md', 'lib', 'src/', 'src/a.log', 'src/a.py', 'src/lib/', 'src/lib/a.py'],
    ],
    ['**/*.md', ['.env', 'docs/', 'docs/deep/', 'lib', 'src/', 'src/a.log', 'src/a.py', 'src/lib/', 'src/lib/a.py']],
    ['*\n!README.md', ['README.md']],
    ['!README.md\n*', []],
    ['*\n!src', ['src/', 'src/a.log', 'src/a.py', 'src/lib/', 'src/lib/a.py']],
    ['*\n!src/lib/a.py', ['src/', 'src/lib/', 'src/lib/a.py']],
    ['*\n!src\n**/*.log', ['src/', 'src/a.py', 'src/lib/', 'src/lib/a.py']],
    ['**\n!**/*.md', ['README.md', 'a.md', 'docs/', 'docs/a.md', 'docs/deep/', 'docs/deep/b.md']],
    ['docs/**\nsrc\n.env\nlib\n*.md', ['docs/']],
    ['docs\nsrc\n.e*\n**/lib\n[R]*\n?.md', []],
    ['/docs/\n./src/../src/.\nlib/..//lib\n\n#*\n  .env\t\n*.md\r', []],
    ['\ufeffdocs\nsrc\n*.md\nlib\n # .env', ['.env']],
    ['docs\nsrc\n*.md\nlib\n!..\n!/../docs/a.md\n.\n/\n..', ['.env', 'docs/', 'docs/a.md']],
  ])('%j', (rules, left) => {
    expect(walked(tree, rules).kept).toEqual(left)
  })
})

test('a comment begins in the first column only', () => {
  expect(walked(['#a', '#b'], '#a\n #b').kept).toEqual(['#a'])
})

test('ignored directories are not opened, unless a rule with a ! could mean something in them', () => {
  const tree = ['node_modules/a/b', 'dist/x/y', 'src/a', 'src/b/c']
  expect(walked(tree, 'node_modules\ndist').opened).toEqual(['', 'src', 'src/b'])
  expect(walked(tree, 'node_modules\ndist\n!dist/x/y').opened).toEqual(['', 'dist', 'dist/x', 'src', 'src/b'])
  expect(walked(tree, '!dist/x/y\nnode_modules\ndist').opened).toEqual(['', 'src', 'src/b'])
  expect(walked(tree, '*\n!src/*/c').opened).toEqual(['', 'src', 'src/b'])
  expect(walked(tree, '*\n!**/c').opened).toEqual(['', 'dist', 'dist/x', 'node_modules', 'node_modules/a', 'src', 'src/b'])
})

describe('refused', () => {
  test.each([
    ['a\n!', 2],
    ['!/', 1],
    ['[', 1],
    ['\n\n[]', 3],
    ['[a-]', 1],
    ['[z-a]', 1],
    ['a\\', 1],
    ['\\bx*', 1],
    ['[[:nope:]]', 1],
    ['x'.repeat(1025), 1],
    ['a\0b', 1],
    ['a\n'.repeat(10_000), 1_001],
  ])('%#', (content, line) => {
    expect(() => createIgnore({ rules: 'as-given', file: { path: 'x/.dockerignore', content } })).toThrow(
      expect.objectContaining({ code: 'invalid_ignore_file', data: { file: 'x/.dockerignore', line } }),
    )
  })

  test('what is not UTF-8', () => {
    const utf16 = Buffer.from('\ufeffdocs\n', 'utf16le')
    expect(() => walked([], utf16)).toThrow(/UTF-16/)
    expect(() => walked([], Buffer.from([0x61, 0xff]))).toThrow(/UTF-8/)
    expect(() => walked([], Buffer.from([0x23, 0xff, 0x0a, 0x61]))).not.toThrow()
    expect(() => walked([], Buffer.alloc(2 ** 21))).toThrow(/larger/)
  })

  test('1,000 lines are fine', () => {
    expect(walked(['a'], 'b\n'.repeat(1_000)).kept).toEqual(['a'])
  })
})

describe('patterns made to be slow', () => {
  const name = 'a'.repeat(250)
  const deep = Array.from({ length: 15 }, () => name).join('/')
  test.each([
    '*(*(*(a|b)))',
    '*a'.repeat(34) + 'b',
    'a**/'.repeat(11) + 'b',
    '**/'.repeat(11) + '*b',
    '**/*a**/*a*b',
    '[a-z]*'.repeat(100) + '!',
    '?*'.repeat(200) + '?b',
  ])('%s', (pattern) => {
    const rules = new Rules(readIgnoreFile(Array.from({ length: 20 }, () => pattern).join('\n'), 'x'))
    const before = rules.budget.steps
    const folder = deep
      .split('/')
      .slice(0, -1)
      .reduce((cursor, part) => cursor.enter(part), rules.root)
    expect(folder.leavesOut(name)).toBe(false)
    // linear in path and pattern: both ends of every atom, for every letter
    expect(before - rules.budget.steps).toBeLessThan(20 * deep.length * 2 * (pattern.length + 1))
  })

  test('are stopped when they never end', () => {
    const rules = new Rules(readIgnoreFile(Array.from({ length: 1_000 }, (_, at) => `${'*a'.repeat(500)}${at}`).join('\n'), 'x'))
    rules.budget.steps = 1e5
    expect(() => Array.from({ length: 1_000 }, (_, at) => rules.root.leavesOut(`${name}${at}0`))).toThrow(/too long/)
  })
})

describe('the deny list', () => {
  const planned = { rules: 'planned' } as const
  const denied = [
    ...[
      '.git/config',
      '.env',
      'a/.env.local',
      '.envrc',
      'id_rsa',
      'a/id_ed25519',
      'server.pem',
      'tls.key',
      '.venv/x',
      'node_modules/x',
      'a/node_modules/y',
    ],
    ...[
      'a/__pycache__/x',
      '.pytest_cache/x',
      '.mypy_cache/x',
      '.ruff_cache/x',
      '.next/cache/x',
      '.DS_Store',
      '.ssh/config',
      '.aws/credentials',
    ],
  ]
  const kept = [
    '.env.example',
    'a/.env.sample',
    '.gitignore',
    '.github/x',
    'id_rsa.pub',
    'ca.pem',
    'venv.py',
    'dist/x',
    'build/x',
    '.next/x',
    'key.py',
    '.environment',
    'src/env/x',
    '.npmrc',
  ]

  test('leaves out what never belongs into an image', () => {
    expect(walked(denied, '', planned).kept.filter((path) => !path.endsWith('/'))).toEqual([])
    expect(walked(kept, '', planned).kept.filter((path) => !path.endsWith('/'))).toEqual(kept.toSorted())
    expect(walked(kept, '', planned).denied).toEqual([])
  })

  test('is not for what is taken as given', () => {
    expect(walked(denied, '').kept.filter((path) => !path.endsWith('/'))).toEqual(denied.toSorted())
  })

  test('says what it left out, the highest directory only, and not what the user ignores anyway', () => {
    const tree = ['.git/a/b', 'a/node_modules/b/node_modules/c', 'a/.env', 'x/.env', 'src']
    expect(walked(tree, 'x', planned).denied).toEqual(['.git', 'a/.env', 'a/node_modules'])
    expect(
      walked(
        Array.from({ length: 150 }, (_, at) => `d${at}/.env`),
        '',
        planned,
      ).denied,
    ).toHaveLength(100)
  })

  test('knows virtual environments and caches by what is in them', () => {
    const tree = [
      'venv/pyvenv.cfg',
      'venv/bin/x',
      'env/pyvenv.cfg',
      'target/CACHEDIR.TAG',
      'target/x',
      'tools/conda/conda-meta/h',
      'venv2/x',
      'pyvenv.cfg',
    ]
    const found = walked(tree, '', planned)
    expect(found.kept).toEqual(['pyvenv.cfg', 'tools/', 'venv2/', 'venv2/x'])
    expect(found.denied).toEqual(['env', 'target', 'tools/conda', 'venv'])
    expect(walked([...tree, 'venv/__pycache__/x'], '!venv', planned).kept).toEqual(
      expect.arrayContaining(['venv/bin/x', 'venv/__pycache__/x']),
    )
  })

  test('is overruled by a ! rule that names the thing, or by the option', () => {
    const tree = ['.env', 'b/.env', 'node_modules/a/x', 'node_modules/b/node_modules/c', 'certs/s.pem', 'src/.env', 'src/a']
    expect(walked(tree, '!.env', planned).denied).toEqual(['b/.env', 'certs/s.pem', 'node_modules', 'src/.env'])
    expect(walked(tree, '!**/.env\n!certs/*.pem', planned).denied).toEqual(['node_modules'])
    expect(walked(tree, '!node_modules/b', planned).kept).toEqual(expect.arrayContaining(['node_modules/b/node_modules/c']))
    expect(walked(tree, '!node_modules/b', planned).kept).not.toContain('node_modules/a/x')
    expect(walked(tree, '', { ...planned, keep: ['**/.env', 'node_modules'] }).denied).toEqual(['certs/s.pem'])
    expect(walked(tree, '*\n!src\n!src/**', planned).kept).toEqual(['src/', 'src/a'])
    expect(walked(tree, '**/.env\n!**/*x*', planned).opened).not.toContain('node_modules')
  })

  test('has a reason for every pattern', () => {
    for (const { reason, patterns } of denyList) for (const pattern of patterns) expect(`${reason} ${pattern}`).toMatch(/^[a-z ]+ !?\*\*\//)
  })
})

test('the files the rules can come from', () => {
  expect(ignoreFileNames()).toEqual(['.dockerignore'])
  expect(ignoreFileNames('a/Dockerfile')).toEqual(['a/Dockerfile.dockerignore', '.dockerignore'])
})

describe('generated', () => {
  const part = fc.constantFrom('a', 'b', 'ab', 'x.md', '.a', 'é', 'b.log')
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const piece = fc.oneof(part, fc.constantFrom('*', '**', '?', '*.md', 'a*', '*b*', '[ab]', '[^a]', 'a**', '**b', '**/a', 'a/**'))
  const rule = fc
    .tuple(fc.boolean(), fc.array(piece, { minLength: 1, maxLength: 4 }))
    .map(([not, pieces]) => `${not ? '!' : ''}${pieces.join('/')}`)
  const rules = fc.array(rule, { minLength: 1, maxLength: 6 })

  /** The rules one after another on the whole path, with no tables and nothing handed down but what matched. */
  function plainly(lines: readonly string[]): (path: string) => boolean {
    const patterns = readIgnoreFile(lines.join('\n'), 'x').map(compile)
    const alone = readIgnoreFile(lines.join('\n'), 'x').map((line) => new Rules([{ ...line, exclusion: false }]))
    const matches = (index: number, each: string): boolean => {
      const parts = each.split('/')
      return (
        parts
          .slice(0, -1)
          .reduce((cursor, name) => cursor.step(name), alone[index]!.root)
          .hits(parts.at(-1)!).length > 0
      )
    }
    const judge = (each: string): { ignored: boolean; matched: boolean[] } => {
      const cut = each.lastIndexOf('/')
      const above = cut < 0 ? [] : judge(each.slice(0, cut)).matched
      let ignored = false
      const matched = patterns.map(({ exclusion }, index) => {
        const hit = above[index] === true || (exclusion === ignored && matches(index, each))
        if (hit) ignored = !exclusion
        return hit
      })
      return { ignored, matched }
    }
    return (each) => judge(each).ignored
  }

  test('tables and pruning change nothing', () => {
    fc.assert(
      fc.property(rules, fc.uniqueArray(path, { minLength: 3, maxLength: 12 }), (lines, all) => {
        const paths = all.filter((one) => !all.some((other) => other.startsWith(`${one}/`)))
        const ignored = plainly(lines)
        expect(walked(paths, lines.join('\n')).kept.filter((each) => !each.endsWith('/'))).toEqual(
          paths.filter((each) => !ignored(each)).toSorted(),
        )
      }),
      { numRuns: 400 },
    )
  })

  test('no text is too odd to be read or refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('*?[]\\!/.-^ab:#\n {}()|+$é\ufeff\ud83d\ude00')), maxLength: 30 }),
        path,
        (content, each) => {
          try {
            walked([each], content)
          } catch (error) {
            expect(error).toHaveProperty('code', 'invalid_ignore_file')
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
