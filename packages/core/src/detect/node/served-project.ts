import type { Config } from '../../plan/config.ts'
import type { Arg } from '../../plan/plan.ts'
import type { Evidence, Finding, Notice } from '../detection.ts'
import { portFinding, startFinding } from '../overridden.ts'
import type { Build, Project, Server } from '../project.ts'
import { asArgument } from '../as-argument.ts'
import type { Serving, Site } from './frameworks/framework.ts'
import type { PackageJson } from './package-json.ts'
import type { NodeServing } from './serving.ts'
import { outputCheck } from './written/output-check.ts'
import { staticServer, staticServerFile } from './written/static-server.ts'

/** What a framework makes of a project: build, start, port, files, environment. */
export type ServedParts = Pick<Project, 'start' | 'port' | 'env' | 'notices' | 'groups'> &
  Partial<Pick<Project, 'build' | 'generated' | 'framework' | 'server'>>

export function servedParts(found: NodeServing, manifest: PackageJson, manager: string, config: Config): ServedParts {
  const { serving } = found
  const port = portOf(found, config)
  const build = buildOf(found, manifest, manager, config)
  const files = config.start === undefined ? filesOf(serving) : []
  const { server, groups } = config.start === undefined ? neededBy(found, manifest) : { groups: [] }
  return {
    start: startOf(found, String(port.value ?? 8080), config),
    port,
    env: { NODE_ENV: 'production', ...(serving.kind === 'served' ? serving.env : {}), ...found.script?.env },
    notices: noticesOf(found),
    groups,
    ...(build ? { build } : {}),
    ...(files.length > 0 ? { generated: files } : {}),
    ...(found.framework ? { framework: frameworkOf(found.framework, config) } : {}),
    ...(server ? { server } : {}),
  }
}

function frameworkOf({ name, evidence }: { name: string; evidence: Evidence }, config: Config): Finding<string> {
  const given = config.framework !== name ? evidence : { rule: 'config.framework', says: 'the configuration names it' }
  return { value: name, evidence: given, lost: [], override: 'framework' }
}

function startOf({ serving, evidence, script }: NodeServing, port: string, config: Config): Finding<readonly Arg[]> {
  const own = script && !isAlone(serving) ? [...script.options, asArgument(script.file), ...script.args] : undefined
  const argv = ['node', ...(own ?? (serving.kind === 'site' ? siteStart(serving) : serving.start(port)))]
  return startFinding(config, { value: argv, evidence })
}

function siteStart({ out, fallback }: Site): string[] {
  return [staticServerFile, asArgument(out), ...(fallback ? ['--fallback'] : [])]
}

function isAlone(serving: Serving): boolean {
  return serving.kind === 'served' && serving.alone !== undefined
}

function portOf({ serving, framework }: NodeServing, config: Config): Finding<number | null> {
  const own = serving.kind === 'site' ? 8080 : serving.port
  const says =
    serving.kind === 'site'
      ? 'files are served there'
      : own === null
        ? 'it listens on no port'
        : `the port of ${framework?.name ?? 'the program'}`
  return portFinding(config, { value: own, evidence: { rule: 'node.port.framework', says } })
}

function buildOf(found: NodeServing, manifest: PackageJson, manager: string, config: Config): Build | undefined {
  const { serving } = found
  const command = commandOf(found, manifest, manager)
  if (!command || (serving.kind === 'served' && serving.builds === false)) return undefined
  const env = Object.entries(serving.buildEnv ?? {}).map(([name, value]) => `${name}=${value}`)
  const argv = env.length > 0 ? ['env', ...env, ...command.argv] : command.argv
  const removed = serving.kind === 'served' ? (serving.remove ?? []) : []
  const after = [...removed.map((path) => ['rm', '-rf', path]), ...mustExist(serving)]
  return { argv, ...(after.length > 0 ? { after } : {}), ...takenOf(serving, config), evidence: command.evidence }
}

function commandOf(
  { serving, evidence }: NodeServing,
  manifest: PackageJson,
  manager: string,
): { argv: string[]; evidence: Evidence } | undefined {
  const name = ['build', ...(serving.kind === 'site' ? ['docs:build', 'generate'] : [])].find(
    (one) => manifest.text('scripts', one) !== undefined,
  )
  if (name !== undefined) {
    const says = `scripts.${name} is "${manifest.text('scripts', name)!.slice(0, 150)}"`
    return {
      argv: [manager, 'run', name],
      evidence: { rule: 'node.build.script', file: 'package.json', line: manifest.line('scripts', name), says },
    }
  }
  return serving.build && { argv: [...serving.build], evidence: { ...evidence, rule: 'node.build.framework' } }
}

/** What the image takes; with a start command of the user's own, all. */
function takenOf(serving: Serving, config: Config): Pick<Build, 'outputs' | 'alone'> {
  if (config.start !== undefined) return { outputs: [] }
  if (serving.kind === 'site') return { outputs: [serving.out], alone: [{ from: serving.out, to: serving.out }] }
  if (serving.alone) return { outputs: serving.alone.map(({ from }) => from), alone: serving.alone }
  return { outputs: serving.outputs ?? [] }
}

function mustExist(serving: Serving): string[][] {
  const path = serving.kind === 'site' ? serving.out : (serving.alone?.[0]?.from ?? serving.outputs?.[0])
  return path === undefined || path === '.' ? [] : [['node', '-e', outputCheck, path]]
}

function filesOf(serving: Serving): readonly { readonly path: string; readonly text: string }[] {
  return serving.kind === 'site' ? [{ path: staticServerFile, text: staticServer }] : (serving.files ?? [])
}

/** What the start needs beside the packages of the program: added, or kept with the group that has it. */
function neededBy({ serving, evidence }: NodeServing, manifest: PackageJson): { server?: Server; groups: readonly string[] } {
  const needs = serving.kind === 'served' ? serving.needs : undefined
  const declared = needs && manifest.dependencies.find(({ name }) => name === needs.name)
  if (!needs || declared) return { groups: declared && declared.group !== 'default' ? [declared.group] : [] }
  const { name, specifier, says } = needs
  return { server: { name, specifier, evidence: { ...evidence, rule: 'node.server', says } }, groups: [] }
}

function noticesOf({ serving }: NodeServing): readonly Notice[] {
  return serving.notices ?? []
}
