import type { Config } from '../plan/config.ts'
import type { Arg } from '../plan/plan.ts'
import { asArgument } from './as-argument.ts'
import { bunProgram, type BunContext, type BunProgram } from './bun/program.ts'
import { bunVersion, bunVersionNotices } from './bun/version.ts'
import type { Finding } from './detection.ts'
import type { Install } from './install.ts'
import { isTypeScript, nodeFiles } from './node/files.ts'
import { chooseNodeManager, type NodeManagerChoice } from './node/manager.ts'
import { readPackageJson } from './node/package-json.ts'
import { nodeServing } from './node/serving.ts'
import type { Language, Project } from './project.ts'
import { runtimeFacts } from './runtime-facts.ts'
import { listening } from './runtime-port.ts'
import type { Tree } from './tree.ts'

/** The program of a unit that Bun runs; undefined when it is Node's, also where Bun only installs. Throws the codes of `Planned`. */
export function detectBun(tree: Tree, config: Config): Project | undefined {
  if (config.runtime?.name !== undefined && config.runtime.name !== 'bun') return undefined
  const files = nodeFiles(tree)
  const manifest = readPackageJson(tree)
  const context: BunContext = { tree, files, factsOf: runtimeFacts(tree), manifest, config }
  const program = bunProgram(context)
  if (!program || (config.runtime?.name !== 'bun' && isFramework(context, program))) return undefined
  const version = bunVersion(tree, manifest, config.runtime?.version)
  const manager = chooseNodeManager(tree, manifest, managed(context))
  const { port, notices } = listening(context, program.file, { id: 'bun', standard: 3000 })
  return {
    language: { value: languageOf(config, program.file), evidence: program.evidence, lost: [], override: 'runtime.name' },
    runtime: { name: 'bun', version: version.version },
    ...framework(config, context, program),
    ...installed(manager),
    otherManagers: manager.others,
    entrypoint: {
      value: program.file,
      evidence: program.evidence,
      lost: program.lost.map((one) => ({ value: one.file, evidence: one.evidence })),
      override: 'entrypoint',
    },
    start: startFinding(config, program),
    port,
    ...(program.build && config.start === undefined ? { build: program.build } : {}),
    groups: [],
    env: { NODE_ENV: 'production', ...program.env },
    notices: [...bunVersionNotices(tree, version), ...manager.notices, ...program.notices, ...notices],
    strength: 'strong',
  }
}

/** Next and the like start by themselves, whoever installs them. */
function isFramework(context: BunContext, { evidence }: BunProgram): boolean {
  return !evidence.rule.startsWith('bun.start.') && nodeServing({ ...context }) !== undefined
}

/** Where no lock says otherwise Bun installs too. */
function managed({ tree, config }: BunContext): Config {
  const locks = ['pnpm-lock.yaml', 'yarn.lock', 'package-lock.json', 'npm-shrinkwrap.json']
  const own = tree.has('bun.lock') || tree.has('bun.lockb') || !locks.some((path) => tree.has(path))
  return config.packageManager !== undefined || !own ? config : { ...config, packageManager: 'bun' }
}

/** The runtime is in the build stage already, so that its own manager needs no further tool. */
function installed({ install }: NodeManagerChoice): { install?: Install } {
  if (!install) return {}
  if (install.manager !== 'bun') return { install }
  const { toolchain: _toolchain, ...rest } = install
  return { install: rest }
}

function languageOf(config: Config, file: string): Language {
  if (config.language === 'javascript' || config.language === 'typescript') return config.language
  return isTypeScript(file) ? 'typescript' : 'javascript'
}

const frameworks = ['elysia', 'hono', 'express', 'fastify', 'koa', 'h3']

function framework(config: Config, { files }: BunContext, { file }: BunProgram): { framework?: Finding<string> } {
  const found = files.reach(file).flatMap((one) =>
    files
      .imports(one)
      .filter(({ module, optional }) => !optional && frameworks.includes(module))
      .map((import_) => ({ ...import_, file: one })),
  )[0]
  const told = found && {
    value: found.module,
    evidence: { rule: 'bun.framework.import', file: found.file, line: found.line, says: `imports ${found.module}` },
  }
  if (config.framework === undefined) return told ? { framework: { ...told, lost: [], override: 'framework' } } : {}
  const evidence = { rule: 'config.framework', says: 'the configuration names it' }
  return {
    framework: { value: config.framework, evidence, lost: told && told.value !== config.framework ? [told] : [], override: 'framework' },
  }
}

function startFinding(config: Config, { options, file, args, evidence }: BunProgram): Finding<readonly Arg[]> {
  const argv = ['bun', ...options, asArgument(file), ...args]
  if (config.start === undefined) return { value: argv, evidence, lost: [], override: 'start' }
  return {
    value: config.start,
    evidence: { rule: 'config.start', says: 'the configuration gives the command' },
    lost: [{ value: argv, evidence }],
    override: 'start',
  }
}
