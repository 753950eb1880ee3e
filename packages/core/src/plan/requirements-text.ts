import type { Evidence } from '../detect/detection.ts'
import { shown } from '../failure/error.ts'
import type { RequiredPackage, Requirements } from './requirements.ts'

/** As a requirements file for pip, or as the part of a package.json, with comments that say why. */
export function requirementsText(found: Requirements): string {
  return (found.ecosystem === 'pypi' ? requirementsFile(found) : packagePart(found)).map((line) => `${line}\n`).join('')
}

function requirementsFile({ packages, unresolved }: Requirements): readonly string[] {
  const needed = packages.filter(({ group }) => group === 'default')
  const texts = needed.map(({ name, extras, specifier }) => {
    const bracket = extras.length > 0 ? `[${extras.join(',')}]` : ''
    return shown(`${name}${bracket}${specifier.startsWith('@') ? ' ' : ''}${specifier}`, 1000)
  })
  const width = Math.min(40, Math.max(0, ...texts.map(({ length }) => length)))
  return [...needed.map((one, at) => `${texts[at]!.padEnd(width)}  # ${because(one)}`), ...unknown(unresolved).map((line) => `# ${line}`)]
}

function packagePart({ packages, unresolved }: Requirements): readonly string[] {
  const section = (name: string, all: readonly RequiredPackage[], comments: readonly string[]): string => {
    const members = all.map(
      (one) => `    // ${because(one)}\n    ${JSON.stringify(one.name)}: ${JSON.stringify(one.specifier === '' ? '*' : one.specifier)}`,
    )
    const told = comments.map((line) => `\n    // ${line}`).join('')
    return `  ${JSON.stringify(name)}: {\n${[members.join(',\n'), told].join('').replace(/^\n/, '')}\n  }`
  }
  const run = packages.filter(({ group }) => group !== 'dev')
  const dev = packages.filter(({ group }) => group === 'dev')
  const sections = [section('dependencies', run, unknown(unresolved)), ...(dev.length > 0 ? [section('devDependencies', dev, [])] : [])]
  return ['{', sections.join(',\n'), '}']
}

/** On one line, whatever the names of the source are: what follows a line break would be a requirement. */
function because({ inferred, imported: own, declared }: RequiredPackage): string {
  const imported = inferred && (inferred.imports.length > 0 ? `import ${inferred.imports.slice(0, 2).join(', ')}` : inferred.evidence.says)
  return shown(
    [
      inferred
        ? `${imported}${place(inferred.evidence)}, grade ${inferred.grade}`
        : own
          ? `import ${own.import}${place(own.evidence)}`
          : 'no import of it found',
      ...(declared ? [`declared${place(declared.evidence)}`] : []),
    ].join('; '),
    300,
  )
}

function unknown(unresolved: Requirements['unresolved']): readonly string[] {
  return unresolved.map(({ import: name, near, evidence }) =>
    shown(
      `unknown: import ${name}${place(evidence)}: nothing is written for it${near.length > 0 ? `; similar: ${near.join(', ')}` : ''}`,
      300,
    ),
  )
}

function place({ file, line }: Evidence): string {
  return file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
}
