import { detect, type Detected } from '../detect/detect.ts'
import type { Finding, Notice } from '../detect/detection.ts'
import type { Install } from '../detect/install.ts'
import { lineOf } from '../detect/python/version.ts'
import { toFailure } from '../failure/error.ts'
import type { Inference } from '../infer/infer.ts'
import type { Source } from '../source/source.ts'
import { withConfigPlaces } from './config-places.ts'
import { mergeConfigs, parseConfig, type Config } from './config.ts'
import { packagesOf, type Packages } from './dependencies.ts'
import { editionOf } from './editions.ts'
import { evidenceOf } from './evidence.ts'
import { frontendOf, withFrontend } from './frontend-steps.ts'
import { inferenceOf } from './inference.ts'
import { installerOf } from './installer.ts'
import { installing, type Installing } from './installing.ts'
import { ownConfig } from './own-config.ts'
import { planNotices } from './notices.ts'
import type { Plan, PlanDependency, Planned, Step } from './plan.ts'
import { relocated } from './relocated.ts'
import { isSameCommand } from './same-command.ts'
import { stepsFor } from './steps.ts'
import { systemPackagesFor, type Distro, type SystemPackages } from './system-packages.ts'

/**
 * How to build and start a source: its `kiln.json`, then `config`, over what is detected. Pure and deterministic: the same
 * source gives the same answer on any machine. Never throws for a source; what cannot be planned is an answer.
 */
export function plan(source: Source, config: Config = {}): Planned {
  try {
    const [own, given] = [ownConfig(source), parseConfig(config)]
    return withConfigPlaces({ source, own, given }, () => planned(source, mergeConfigs(own, given)))
  } catch (error) {
    return refusal(error)
  }
}

/** With a Config that is all there is: the `kiln.json` of the source is not read. */
export function planAll(source: Source, wishes: Config): Planned {
  try {
    return planned(source, wishes)
  } catch (error) {
    return refusal(error)
  }
}

function planned(source: Source, wishes: Config): Planned {
  const detected = detect(source, wishes, editionOf(wishes.edition))
  return compose(detected, inferenceOf(source, detected.tree, detected.project), wishes)
}

function compose(detected: Detected, inference: Inference, config: Config): Planned {
  const { project, tree } = detected
  const packages = packagesOf(project, inference, config)
  const made = installing(tree, project, packages)
  const distro: Distro = config.base && 'distro' in config.base ? config.base.distro : tree.edition.distro
  const declared = new Set(packages.all.flatMap(({ name, group }) => (group === 'default' ? [name] : [])))
  const ecosystem = project.runtime.name === 'python' ? 'pypi' : 'npm'
  const system = systemPackagesFor(ecosystem, namesOf(packages, project.install), distro, declared)
  const installer = installerOf(detected, made.install, config)
  const built = planOf({ detected, config, packages, made, installer, distro, system })
  return {
    ok: true,
    plan: built,
    evidence: evidenceOf(detected, {
      plan: built,
      config,
      packages,
      inference,
      system,
      ...(made.install ? { install: made.install } : {}),
      ...(installer ? { installer } : {}),
    }),
    notices: [...detected.notices, ...packages.notices, ...inference.notices, ...planNotices(detected, inference, packages)],
  }
}

interface Parts {
  readonly detected: Detected
  readonly config: Config
  readonly packages: Packages
  readonly made: Installing
  readonly installer: Finding<'uv' | 'pip'> | undefined
  readonly distro: Distro
  readonly system: SystemPackages
}

function planOf(parts: Parts): Plan {
  const { detected, config, packages, made } = parts
  const { project, tree } = detected
  return {
    version: 1,
    edition: tree.edition.name,
    unit: tree.unit,
    workspace: detected.layout.workspace,
    context: detected.layout.context,
    language: project.language.value,
    runtime: { name: project.runtime.name, version: project.runtime.version.value },
    toolchains: toolchainsOf(parts),
    framework: project.framework?.value ?? null,
    packageManager: made.install?.manager ?? null,
    entrypoint: project.entrypoint ? tree.inSource(project.entrypoint.value) : null,
    base: baseOf(parts),
    frontend: detected.frontend ? frontendOf(detected.frontend) : null,
    dependencies: packages.all.map(planDependency),
    systemPackages: imagePackages(parts),
    steps: keptSteps(parts),
    start: project.start.value,
    port: project.port.value,
    env: environment({ ...parts.system.env, ...project.env }, project.port.value, config),
  }
}

/** The steps but for the commands that the configuration leaves out. */
function keptSteps(parts: Parts): readonly Step[] {
  const removed = parts.config.build?.remove ?? []
  return placedSteps(parts).filter((step) => step.kind !== 'run' || !removed.some((argv) => isSameCommand(argv, step.argv)))
}

/** The steps of the program, where it lies in /app, and those of its front end. */
function placedSteps(parts: Parts): readonly Step[] {
  const { tree, layout, frontend } = parts.detected
  const own = programSteps(parts)
  const moved = layout.moved ? relocated(own, layout.moved.directory, layout.moved.beside) : own
  return frontend ? withFrontend(moved, frontend, layout, tree.unit) : moved
}

function programSteps(parts: Parts): readonly Step[] {
  const { detected, config, packages, made, installer } = parts
  const { project } = detected
  return stepsFor({
    install: made.install,
    ...(installer?.value === 'uv' ? { installer: 'uv' } : {}),
    groups: groupsOf(project.groups, config),
    ...sitePackages(parts),
    ...(project.build ? { build: project.build } : {}),
    ...(project.steps ? { steps: project.steps } : {}),
    bare: project.runtime.name === 'bun',
    commands: config.build?.add ?? [],
    fetches: parts.system.run,
    systemBuild: buildPackages(parts),
    systemImage: imagePackages(parts),
    needsPackages: packages.all.some(({ group }) => group === 'default' || project.groups.includes(group)),
    beside: made.beside,
    files: project.generated ?? [],
    ...(detected.layout.shared ? { shared: detected.layout.shared } : {}),
  })
}

/** The managers of the program and of its front end; of one name the program's. */
function toolchainsOf({ made, installer, detected }: Parts): Plan['toolchains'] {
  const uv = installer?.value === 'uv' ? { name: 'uv', version: detected.tree.edition.tools.uv } : undefined
  const all = [made.install?.toolchain, uv, detected.frontend?.project.install?.toolchain].filter((tool) => tool !== undefined)
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at)
}

function baseOf(parts: Parts): Plan['base'] {
  const { config, distro, detected } = parts
  if (config.base && 'image' in config.base) return { kind: 'image', ref: config.base.image }
  const own = config.base === undefined && imagePackages(parts).length === 0 ? detected.project.base : undefined
  return own ? { kind: 'image', ref: own.ref } : { kind: 'runtime', distro }
}

/** Where the interpreter of the default base keeps its packages; another base has its own places. */
function sitePackages({ detected, config }: Parts): { pythonLine?: string } {
  const { name, version } = detected.project.runtime
  if (name !== 'python' || (config.base && 'image' in config.base)) return {}
  return { pythonLine: lineOf(version.value) }
}

function imagePackages({ system, config, made }: Parts): readonly string[] {
  const removed = new Set(config.systemPackages?.remove)
  return [...new Set([...system.image, ...(made.install?.system ?? []), ...(config.systemPackages?.add ?? [])])]
    .filter((name) => !removed.has(name))
    .sort()
}

function buildPackages({ system, made, config: { buildPackages: edits } }: Parts): readonly string[] {
  const git = made.install?.git ? ['ca-certificates', 'git'] : []
  const removed = new Set(edits?.remove)
  return [...new Set([...system.build, ...git, ...(edits?.add ?? [])])].filter((name) => !removed.has(name)).sort()
}

function groupsOf(needed: readonly string[], config: Config): readonly string[] {
  const removed = new Set(config.groups?.remove)
  return [...new Set(['default', ...needed, ...(config.groups?.add ?? [])])].filter((group) => group === 'default' || !removed.has(group))
}

function environment(found: Readonly<Record<string, string>>, port: number | null, config: Config): Record<string, string> {
  const removed = new Set(config.env?.remove)
  const all = { ...found, ...(port === null ? {} : { PORT: String(port) }), ...config.env?.add }
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => !removed.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function namesOf(packages: Packages, install: Install | undefined): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>([...(install?.locked?.keys() ?? [])].map((name) => [name, []]))
  for (const { name, extras, group } of packages.all) if (group === 'default') names.set(name, extras ?? [])
  return names
}

function planDependency({ ecosystem, name, extras, specifier, group, origin, ...rest }: Packages['all'][number]): PlanDependency {
  return { ecosystem, name, ...(extras ? { extras } : {}), specifier, group, origin, ...('grade' in rest ? { grade: rest.grade } : {}) }
}

/** Any thrown value as an answer. A parser that stumbles over a hostile file is an answer too, with the cause in its message. */
function refusal(error: unknown): Planned {
  const { code, message, hint, data } = toFailure(error)
  return {
    ok: false,
    code,
    message,
    hint,
    candidates: Array.isArray(data['candidates']) ? data['candidates'] : [],
    notices: dockerfileNotices(data['dockerfile']),
    ...(typeof data['file'] === 'string' ? { file: data['file'] } : {}),
    ...(typeof data['line'] === 'number' ? { line: data['line'] } : {}),
  }
}

function dockerfileNotices(file: unknown): readonly Notice[] {
  if (typeof file !== 'string') return []
  return [{ code: 'dockerfile_instead', message: `${file} is there: a build uses it, and needs no plan.`, file }]
}
