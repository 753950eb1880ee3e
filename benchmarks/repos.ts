import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { directory, plan, type Planned } from '@kiln/core'
import { applicationsOf, type Application } from './repos/applications.ts'
import { median, table } from './measure.ts'

// Plans every application directory of checkouts of real repositories: REPOS is a directory with one folder for each (docs/detection.md
// names them). Needs no network, writes nothing into them. OUT=file keeps each answer as a line of JSON.

/** of the applications, at least, get a plan or candidates */
const target = 0.95

interface Answer extends Application {
  readonly kind: 'plan' | 'candidates' | 'refused'
  readonly says: string
  readonly ms: number
}

export default async function main(): Promise<boolean> {
  const home = process.env['REPOS']
  if (home === undefined || !existsSync(home)) {
    console.log('REPOS names no directory with checkouts of repositories: nothing is measured.')
    return true
  }
  const answers: Answer[] = []
  for (const repository of readdirSync(home).sort())
    for (const one of applicationsOf(home, repository)) answers.push(await answered(home, one))
  if (process.env['OUT']) writeFileSync(process.env['OUT'], answers.map((one) => `${JSON.stringify(one)}\n`).join(''))
  console.log(ratesTable(answers))
  console.log(reasonsTable(answers.filter(({ kind }) => kind === 'refused')))
  return [...Map.groupBy(answers, ({ repository }) => repository).values()].every((some) => rateOf(some) >= target)
}

async function answered(home: string, one: Application): Promise<Answer> {
  await using source = await directory(join(home, one.repository, one.path))
  const begun = performance.now()
  const planned = plan(source)
  return { ...one, ...sayOf(planned), ms: performance.now() - begun }
}

function sayOf(planned: Planned): Pick<Answer, 'kind' | 'says'> {
  if (planned.ok) {
    const { language, runtime, framework, packageManager, start } = planned.plan
    const words = start.map((word) => (typeof word === 'string' ? word : word.default)).join(' ')
    return { kind: 'plan', says: `${language} ${runtime.version} ${framework ?? '-'} ${packageManager ?? '-'} ${words}` }
  }
  const { code, message, candidates } = planned
  return { kind: candidates.length > 0 ? 'candidates' : 'refused', says: `${code}: ${message}` }
}

function rateOf(answers: readonly Answer[]): number {
  return answers.filter(({ kind }) => kind !== 'refused').length / answers.length
}

function ratesTable(answers: readonly Answer[]): string {
  const rows = [...Map.groupBy(answers, ({ repository }) => repository)].map(([repository, some]) => [
    repository,
    String(some.length),
    ...(['plan', 'candidates', 'refused'] as const).map((kind) => String(some.filter((one) => one.kind === kind).length)),
    `${(100 * rateOf(some)).toFixed(1)} %`,
    median(some.map(({ ms }) => ms)).toFixed(1),
    Math.max(...some.map(({ ms }) => ms)).toFixed(0),
  ])
  return table(['repository', 'applications', 'plan', 'candidates', 'refused', 'rate', 'ms median', 'ms max'], rows)
}

function reasonsTable(refused: readonly Answer[]): string {
  return table(
    ['refused', 'because'],
    refused.map(({ repository, path, says }) => [`${repository}/${path}`, says.slice(0, 150)]),
  )
}
