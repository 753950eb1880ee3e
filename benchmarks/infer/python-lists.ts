import type { PythonFacts } from '../../packages/core/src/infer/python-facts.ts'
import type { PythonImport } from '../../packages/core/src/infer/python-lexer.ts'

/** A project as a frozen list tells it. */
export interface FrozenProject {
  readonly directory: string
  readonly declared: readonly string[]
  /** all names of its lock; undefined without one */
  readonly locked: ReadonlySet<string> | undefined
  readonly facts: PythonFacts
}

/** Reads what packages/core/tables/freeze-python.ts wrote. */
export function readList(text: string): readonly FrozenProject[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => readProject(block.split('\n')))
}

function readProject(lines: readonly string[]): FrozenProject {
  const after = (word: string): string[] =>
    lines
      .find((line) => line.startsWith(`${word} `))
      ?.split(' ')
      .slice(1) ?? []
  const locked = after('lock')
  return {
    directory: after('#')[0]!,
    declared: after('declared').map((name) => name.replace(/\[.*/, '')),
    locked: locked.length > 0 ? new Set(locked) : undefined,
    facts: {
      imports: lines.filter((line) => /^i/.test(line)).map(readImport),
      uses: of('u', lines).map(([id, what = '']) => ({ id: id!, what, ...nowhere })),
      mentions: of('m', lines).map(([kind, name]) => ({ kind: kind as 'module', name: name!, ...nowhere })),
      declared: of('d', lines).map(([by, name]) => ({
        by: by as 'pip-line',
        name: /^[^<>=!~]*/.exec(name!)![0],
        extras: [],
        specifier: '',
        ...nowhere,
      })),
      notices: [],
    },
  }
}

const nowhere = { file: 'frozen.py', line: 1 }

function of(kind: string, lines: readonly string[]): string[][] {
  return lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.split(' ').slice(1))
}

function readImport(line: string): PythonImport {
  const [how = '', module = '', ...names] = line.slice(1).split(' ')
  const [, file, group, arm] = /^(\d+)-(\d+)\.(\d+)$/.exec(how) ?? []
  const alternative = group === undefined ? {} : { alternative: { group: Number(file) * 100_000 + Number(group), arm: Number(arm) } }
  return { module, names, level: 0, optional: how !== '', ...nowhere, ...alternative }
}
