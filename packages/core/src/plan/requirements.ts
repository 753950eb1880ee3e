import type { DeclaredDependency, Ecosystem, Evidence, InferredDependency, Notice, Unresolved } from '../detect/detection.ts'
import { lineOf } from '../detect/python/version.ts'
import { BuildError, type Json } from '../failure/error.ts'
import type { Inference } from '../infer/infer.ts'
import { inferredLanguages } from '../infer/languages.ts'
import type { Source } from '../source/source.ts'
import { mergeConfigs, parseConfig, type Config } from './config.ts'
import { editionOf } from './editions.ts'
import { planAll } from './make-plan.ts'
import { plainName } from './notices.ts'
import { ownConfig } from './own-config.ts'
import type { Planned } from './plan.ts'

/** The packages a source needs, and why: by its imports, and by what its manifests declare. */
export interface Requirements {
  readonly ecosystem: Ecosystem
  readonly language: string
  /** the directory that was read */
  readonly unit: string
  readonly packages: readonly RequiredPackage[]
  /** imports that no known package stands for: nothing is written for them */
  readonly unresolved: readonly Unresolved[]
  readonly notices: readonly Notice[]
}

export interface RequiredPackage {
  readonly name: string
  readonly extras: readonly string[]
  /** the declared one, else what the imports ask for; empty for any version */
  readonly specifier: string
  /** `default` for what runs, else the group, such as `dev` */
  readonly group: string
  /** where it is imported, or what it is needed for; absent where no import of it is found */
  readonly inferred?: Pick<InferredDependency, 'grade' | 'imports' | 'evidence'>
  /** an import of that very name, for a declared package that is on no list */
  readonly imported?: { readonly import: string; readonly evidence: Evidence }
  /** where a manifest declares it */
  readonly declared?: Pick<DeclaredDependency, 'evidence'>
}

/**
 * What to write into a requirements file or a package.json. A source that cannot be started may still be asked, where its language is
 * clear. Throws the codes of a source that cannot be planned, and `invalid_config`.
 */
export function requirements(source: Source, config: Config = {}): Requirements {
  const wishes = mergeConfigs(ownConfig(source), parseConfig(config))
  const planned = planAll(source, wishes)
  const about = planned.ok ? ofPlan(planned) : ofFiles(planned, source, wishes)
  const inference = infer(source, about)
  const declared = planned.ok ? planned.evidence.dependencies : []
  return {
    ecosystem: about.language === 'python' ? 'pypi' : 'npm',
    language: about.language,
    unit: about.unit,
    packages: joined(declared, inference),
    unresolved: inference.unresolved.filter((one) => !declared.some(({ name }) => isNamed(one.import, name))),
    notices: inference.notices,
  }
}

interface About {
  readonly language: string
  readonly version: string
  readonly unit: string
}

function ofPlan({ plan: { language, runtime, unit } }: Extract<Planned, { ok: true }>): About {
  return { language, unit, version: runtime.name === 'python' ? lineOf(runtime.version) : runtime.version.split('.')[0]! }
}

const noStart = new Set(['nothing_detected', 'several_candidates', 'unsupported_project', 'entrypoint_not_found'])

/** Of a library, or of several programs: its files say the language, if they are of one. */
function ofFiles(refused: Extract<Planned, { ok: false }>, source: Source, { language, unit = '.', edition }: Config): About {
  const { python, node } = editionOf(edition)
  const prefix = unit === '.' ? '' : `${unit}/`
  const has = (ending: RegExp): boolean =>
    source.entries.some(
      ({ path, kind }) => kind === 'file' && path.startsWith(prefix) && ending.test(path) && !path.includes('node_modules/'),
    )
  const [isPython, isScript] = [
    language ? language === 'python' : has(/\.(?:py|ipynb)$/),
    language ? language !== 'python' : has(/\.(?:[cm]?[jt]s|[jt]sx)$/),
  ]
  const { code, message, hint, candidates, file, line } = refused
  if (!noStart.has(code) || isPython === isScript)
    throw new BuildError(code, message, { hint, data: { candidates: candidates as unknown as Json, file, line } })
  return isPython
    ? { language: 'python', version: python.standard, unit }
    : { language: has(/\.(?:[cm]?ts|tsx)$/) ? 'typescript' : 'javascript', version: node.standard, unit }
}

/** A package that is on no list, such as a member of the workspace, may be declared by the name that is imported. */
function isNamed(module: string, name: string): boolean {
  const top = module.startsWith('@') ? module.split('/', 2).join('/') : module.split(/[./]/, 1)[0]!
  return top === name || top.toLowerCase().replaceAll('_', '-') === name
}

function infer(source: Source, { language, unit, version }: About): Inference {
  const known = inferredLanguages.find(({ languages }) => languages.includes(language))
  if (known) return known.infer(source, { unit, version })
  throw new BuildError('unsupported_project', `Kiln does not know which packages the imports of ${language} mean`, {
    hint: 'Requirements are for Python, JavaScript and TypeScript.',
  })
}

type Found = DeclaredDependency | InferredDependency

/** A declared version wins over an inferred one; what is declared in another build of the package counts as declared. */
function joined(planned: readonly Found[], { dependencies: inferred, unresolved }: Inference): RequiredPackage[] {
  const declared = planned.filter((one): one is DeclaredDependency => one.origin === 'declared')
  const needed = planned.filter((one): one is InferredDependency => one.origin === 'inferred' && one.imports.length === 0)
  const all = [...inferred, ...needed.filter(({ name }) => !inferred.some((one) => one.name === name))]
  const same = (a: { readonly name: string }, b: { readonly name: string }): boolean => plainName(a.name) === plainName(b.name)
  const ofManifest = declared.map((one): RequiredPackage => {
    const found = all.find((other) => same(one, other))
    const own = found ? undefined : unresolved.find(({ import: name }) => isNamed(name, one.name))
    const imported = own && { imported: { import: own.import, evidence: own.evidence } }
    return { ...common(one), declared: { evidence: one.evidence }, ...(found && why(found)), ...imported }
  })
  const more = all.filter((one) => !declared.some((other) => same(one, other))).map((one) => ({ ...common(one), ...why(one) }))
  return [...ofManifest, ...more].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function common({ name, extras = [], specifier, group }: Found): Pick<RequiredPackage, 'name' | 'extras' | 'specifier' | 'group'> {
  return { name, extras, specifier, group }
}

function why({ grade, imports, evidence }: InferredDependency): Pick<RequiredPackage, 'inferred'> {
  return { inferred: { grade, imports, evidence } }
}
