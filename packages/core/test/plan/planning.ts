import { files } from '../../src/source/files.ts'
import type { Config } from '../../src/plan/config.ts'
import { plan } from '../../src/plan/make-plan.ts'
import type { Plan, PlanEvidence, Planned, Step } from '../../src/plan/plan.ts'
import type { Candidate, Notice } from '../../src/detect/detection.ts'

export type Tree = Readonly<Record<string, string | Uint8Array>>

/** Plans a map of files. */
export async function planned(tree: Tree, config?: Config): Promise<Planned> {
  await using source = await files({ ...tree })
  return plan(source, config)
}

/** A plan that must succeed, in the form the tests ask. */
export async function ok(tree: Tree, config?: Config): Promise<Asked> {
  const answer = await planned(tree, config)
  if (!answer.ok) throw new Error(`no plan: ${answer.code} ${answer.message}`)
  return {
    plan: answer.plan,
    notices: answer.notices,
    evidence: answer.evidence,
    command: answer.plan.start.map((word) => (typeof word === 'string' ? word : `$${word.env}`)).join(' '),
    packages: answer.plan.dependencies.map(({ name, extras, specifier }) => `${name}${extras ? `[${extras.join(',')}]` : ''}${specifier}`),
    steps: answer.plan.steps.map(stepText),
    codes: answer.notices.map(({ code }) => code),
    why: (field) => whyText(answer.evidence, field),
  }
}

export interface Asked {
  readonly plan: Plan
  readonly notices: readonly Notice[]
  readonly evidence: PlanEvidence
  /** the start command; `$PORT` for a variable */
  readonly command: string
  readonly packages: readonly string[]
  readonly steps: readonly string[]
  readonly codes: readonly string[]
  /** `rule file:line` of a value */
  readonly why: (field: string) => string
}

/** A refusal, with the patches that its candidates give. */
export async function refused(
  tree: Tree,
  config?: Config,
): Promise<{ code: string; message: string; hint: string; place: string; patches: readonly Candidate['config'][] }> {
  const answer = await planned(tree, config)
  if (answer.ok) throw new Error(`a plan: ${JSON.stringify(answer.plan.start)}`)
  const { code, message, hint, file, line } = answer
  return { code, message, hint, place: `${file ?? ''}:${line ?? ''}`, patches: answer.candidates.map(({ config: patch }) => patch) }
}

function whyText({ values }: PlanEvidence, field: string): string {
  const value = values.find((one) => one.field === field)
  if (!value) return 'nothing'
  const { rule, file, line } = value.evidence
  return [rule, file === undefined ? '' : ` ${file}`, line === undefined ? '' : `:${line}`].join('')
}

/** A step in one line: `image pip requirements.txt`. */
function stepText(step: Step): string {
  switch (step.kind) {
    case 'system':
      return `${step.in} system ${step.packages.join(' ')}`
    case 'run':
      return `${step.in} run ${step.argv.join(' ')}`
    case 'python':
    case 'node':
      return `${step.in} ${step.manager} ${step.manifests.join(' ')}${step.groups.length > 1 ? ` +${step.groups.slice(1).join(',')}` : ''}`
    case 'copy':
      return `${step.in} copy ${step.from}:${step.paths.join(' ')} ${step.to}`
    case 'write':
      return `${step.in} write ${step.path} ${JSON.stringify(step.text)}`
  }
}
