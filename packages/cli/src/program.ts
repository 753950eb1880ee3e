import { readFileSync } from 'node:fs'
import { Argument, Command, Option } from 'commander'
import type { BuildOptions } from './commands/build.ts'
import type { ExportOptions } from './commands/builds-export.ts'
import type { LogsOptions } from './commands/builds-logs.ts'
import type { ListOptions } from './commands/builds-ls.ts'
import type { ShowOptions } from './commands/builds-show.ts'
import type { CreateOptions, KeysOptions, ListKeysOptions } from './commands/keys.ts'
import type { CancelOptions, DataOptions } from './commands/one-build.ts'
import type { DockerfileOptions } from './commands/dockerfile.ts'
import type { DoctorOptions } from './commands/doctor.ts'
import type { InitOptions } from './commands/init.ts'
import type { PruneOptions } from './commands/prune.ts'
import type { ServeOptions } from './commands/serve.ts'
import type { ValidateOptions } from './commands/validate.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { PlanOptions } from './planning.ts'
import { progressModes } from './terminal/mode.ts'

export interface Program {
  readonly program: Command
  /** what the parser had to say against the words */
  readonly said: () => string
}

/** The tree of commands: their words only. What a command does is loaded when it is called. */
export function createProgram(io: Io, finished: (code: number) => void): Program {
  let said = ''
  const program = new Command('kiln')
    .description('Source code in, container image out.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => {
        said += text
      },
      getOutHelpWidth: () => Math.min(io.stdout.columns, 110),
      getErrHelpWidth: () => Math.min(io.stderr.columns, 110),
    })
    .addHelpText('after', exitCodeHelp)
  const does = runner(finished)
  addBuild(program, io, does)
  addPlanning(program, io, does)
  addBuilds(program, io, does)
  addServer(program, io, does)
  addMachine(program, io, does)
  return { program, said: () => said }
}

const packageManagers = ['pip', 'uv', 'poetry', 'pdm', 'pipenv', 'conda', 'pixi', 'npm', 'pnpm', 'yarn', 'bun']

type Does = <A extends unknown[]>(work: (...words: A) => Promise<number>) => (...words: A) => Promise<void>

function runner(finished: (code: number) => void): Does {
  return (work) =>
    async (...words) =>
      finished(await work(...words))
}

function addBuild(program: Command, io: Io, does: Does): void {
  planned(sourced(program, 'build', 'build an image from a source; prints its reference'), [
    'kiln build .',
    'kiln build . --push --registry ghcr.io/me --tag latest',
    'git archive HEAD | kiln build - --name agent',
  ])
    .option('--name <name>', 'last part of the image name (default: from the directory)')
    .option('--tag <tag>', 'also point this tag to the image (repeat)', collect)
    .option('-f, --file <path>', "build with this Dockerfile of the source, not with Kiln's plan")
    .option('--target <stage>', 'stop at this stage of the Dockerfile')
    .option('--plan <file>', 'build this saved plan')
    .option('--build-arg <name=value>', 'build argument; a bare name takes the value of the environment (repeat)', collect)
    .option('--secret <id=reference>', 'secret for build steps: env:NAME or file:PATH (repeat)', collect)
    .option('--label <name=value>', 'label of the image (repeat)', collect)
    .option('--platform <platform>', 'such as linux/arm64 (repeat)', collect)
    .option('--driver <name>', 'what builds (default: the first that can)')
    .option('--push', 'push to --registry instead of keeping the image in the builder')
    .option('--registry <host/path>', 'where --push pushes to (default: $KILN_REGISTRY)')
    .option('--repository <name>', 'the whole repository to push to (host/path), instead of --registry')
    .option('--no-cache', 'run every step again')
    .option('--pull', 'look for newer base images')
    .option('--max-age <duration>', 'do not use an earlier build older than this (90s, 10m, 12h, 7d)')
    .option('--timeout <duration>', 'longest time the build may run (default: 30m)')
    .option('--fix', 'when the build fails and a fix is known, write it to kiln.json and build once more')
    .option('--tenant <name>', 'build for this tenant of a server (default: the one of kiln build)')
    .addOption(new Option('--progress <mode>', 'how to show it (default: $KILN_PROGRESS, else auto)').choices(progressModes))
    .addOption(dataDir())
    .action(does(async (source: string, options: BuildOptions) => (await import('./commands/build.ts')).build(io, source, options)))
}

function addPlanning(program: Command, io: Io, does: Does): void {
  planned(sourced(program, 'plan', 'show how a source would be built; needs no builder, writes nothing'), [
    'kiln plan .',
    'kiln plan . --json > plan.json',
    'kiln plan . --edition next',
  ]).action(does(async (source: string, options: PlanOptions) => (await import('./commands/plan.ts')).plan(io, source, options)))
  planned(sourced(program, 'explain', 'show for every decision the rule that won, what lost, and how to override it'), [
    'kiln explain .',
  ]).action(does(async (source: string, options: PlanOptions) => (await import('./commands/explain.ts')).explain(io, source, options)))
  planned(sourced(program, 'requirements', 'print the packages a source needs, with the import that asks for each'), [
    'kiln requirements . > requirements.txt',
    'kiln requirements . --json',
  ]).action(
    does(async (source: string, options: PlanOptions) => (await import('./commands/requirements.ts')).requirements(io, source, options)),
  )
  planned(sourced(program, 'dockerfile', 'print the Dockerfile that would be used'), [
    'kiln dockerfile . > Dockerfile',
    'kiln dockerfile . --dialect buildkit --output .',
  ])
    .addOption(
      new Option('--dialect <dialect>', 'what the builder understands').choices(['classic', 'buildkit', 'kaniko']).default('classic'),
    )
    .option('--name <name>', 'name in the labels (default: from the directory)')
    .option('-o, --output <dir>', 'write the Dockerfile and the generated files it needs into this directory')
    .option('--force', 'overwrite files there')
    .action(
      does(async (source: string, options: DockerfileOptions) =>
        (await import('./commands/dockerfile.ts')).dockerfile(io, source, options),
      ),
    )
  planned(
    withJson(
      program.command('init').addArgument(new Argument('[directory]', 'a project').default('.')),
      'write kiln.json with what was detected',
    ),
    ['kiln init', 'kiln init . --entrypoint api.py'],
  )
    .option('--force', 'overwrite a kiln.json that is there')
    .action(does(async (directory: string, options: InitOptions) => (await import('./commands/init.ts')).init(io, directory, options)))
  withJson(
    program.command('validate').addArgument(new Argument('[source]', 'a project, or its kiln.json').default('.')),
    'check kiln.json: every fault with its line, and what was probably meant',
  )
    .option('--config <file>', 'check this file, not kiln.json of the source')
    .addHelpText('after', examples(['kiln validate', 'kiln validate . --json']))
    .action(
      does(async (source: string, options: ValidateOptions) => (await import('./commands/validate.ts')).validate(io, source, options)),
    )
}

function addBuilds(program: Command, io: Io, does: Does): void {
  const builds = program.command('builds').description('list, show and manage builds')
  builds.addHelpText(
    'after',
    '\nA build is named by its id, by the beginning of one, or by ^N: the N-th before the newest (^0 is the newest).',
  )
  const sub = (name: string, says: string, example: string): Command =>
    withJson(builds.command(name), says)
      .option('--tenant <name>', 'builds of this tenant of a server (default: those of kiln build)')
      .addOption(serverData())
      .addHelpText('after', examples([example]))
  const id = (): Argument => new Argument('[build]', 'id, beginning of an id, or ^N').default('^0', 'the newest')
  sub('ls', 'list builds, newest first', 'kiln builds ls --state failed')
    .option('--name <name>', 'only builds of this name')
    .addOption(
      new Option('--state <state>', 'only builds in this state').choices([
        'queued',
        'building',
        'succeeded',
        'failed',
        'cancelled',
        'timed_out',
        'expired',
      ]),
    )
    .option('--limit <count>', 'at most this many', '20')
    .action(does(async (options: ListOptions) => (await import('./commands/builds-ls.ts')).list(io, options)))
  sub('show', 'show a build', 'kiln builds show ^1')
    .addArgument(id())
    .option('--wait', 'wait for its end')
    .option('--plan', 'show the plan that was used')
    .option('--dockerfile', 'show the Dockerfile that was used')
    .action(does(async (build: string, options: ShowOptions) => (await import('./commands/builds-show.ts')).show(io, build, options)))
  sub('logs', 'print the log of a build, also while it runs', 'kiln builds logs --follow')
    .addArgument(id())
    .option('-f, --follow', 'go on until the build ends')
    .option('--since-seq <number>', 'only events after this number')
    .option('--raw', 'only what the steps printed')
    .action(does(async (build: string, options: LogsOptions) => (await import('./commands/builds-logs.ts')).logs(io, build, options)))
  sub('cancel', 'cancel a build, also one of another process', 'kiln builds cancel ^0 --wait')
    .addArgument(new Argument('<build>', 'id, beginning of an id, or ^N'))
    .option('--wait', 'wait for its end')
    .action(does(async (build: string, options: CancelOptions) => (await import('./commands/builds-cancel.ts')).cancel(io, build, options)))
  sub('rm', 'remove the records of ended builds; images stay', 'kiln builds rm ^3')
    .addArgument(new Argument('<builds...>', 'ids, beginnings of ids, or ^N'))
    .action(does(async (ids: string[], options: DataOptions) => (await import('./commands/builds-rm.ts')).remove(io, ids, options)))
  sub('export', 'write a tar with the record, events, log, plan and Dockerfile of a build', 'kiln builds export ^0 -o build.tar')
    .addArgument(id())
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .action(
      does(async (build: string, options: ExportOptions) => (await import('./commands/builds-export.ts')).exportBuild(io, build, options)),
    )
}

function addMachine(program: Command, io: Io, does: Does): void {
  withJson(program.command('doctor'), 'check what Kiln needs on this machine')
    .addOption(dataDir())
    .option('--registry <host/path>', 'also check that it can be pushed to (default: $KILN_REGISTRY)')
    .addHelpText('after', examples(['kiln doctor', 'kiln doctor --registry ghcr.io/me']))
    .action(does(async (options: DoctorOptions) => (await import('./commands/doctor.ts')).doctor(io, options)))
  withJson(program.command('prune'), 'remove old records, logs and contexts; never what is in use')
    .addOption(dataDir())
    .option('--records <duration>', 'ended builds older than this (default: 90d)')
    .option('--logs <duration>', 'logs older than this (default: 30d)')
    .option('--contexts <duration>', 'packed sources of builds that succeeded (default: 1d)')
    .option('--failed-contexts <duration>', 'packed sources of the others (default: 3d)')
    .addHelpText('after', examples(['kiln prune --logs 7d']))
    .action(does(async (options: PruneOptions) => (await import('./commands/prune.ts')).prune(io, options)))
  withJson(program.command('completion'), 'print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples(['source <(kiln completion bash)', 'kiln completion fish > ~/.config/fish/completions/kiln.fish']))
    .action(
      does(async (shell: string, options: { json?: true }) =>
        (await import('./commands/completion.ts')).completion(io, shell, program, options),
      ),
    )
}

function addServer(program: Command, io: Io, does: Does): void {
  program
    .command('serve')
    .description('serve the HTTP APIs of this data directory until a signal asks to end')
    .option('--json', 'print one line {"url", "driver"} when it answers')
    .option('--port <number>', 'where to listen; 0 is any free port', '8080')
    .option('--host <address>', 'where to listen; 0.0.0.0 is everywhere', '127.0.0.1')
    .addOption(serverData())
    .option('--registry <host/path>', 'push every image below this, and read it back (default: images stay in the builder)')
    .option('--shared-base <repository>', 'below --registry, images that every tenant may build from (repeat)', collect, [])
    .option('--driver <name>', 'what builds (default: the first that can)')
    .option('--public-url <url>', 'how clients reach the server: all addresses it hands out begin with it (default: where it listens)')
    .option('--base-path <path>', 'where all paths begin, such as /builds')
    .option('--regions <file>', 'JSON with the regions that builds can name (default: us-west alone)')
    .option('--concurrency <count>', 'builds at once', '2')
    .option('--memory <size>', 'memory a build step may use, as 2g or 512m', '2g')
    .option('--cpus <count>', 'processors a build step may use', '2')
    .option('--timeout <duration>', 'longest time a build may run', '30m')
    .option('--grace <duration>', 'time that running builds get when the server ends', '30s')
    .option('--metrics', 'serve /metrics to everybody who reaches the server (default: when it listens on this machine only)')
    .option('--no-metrics', 'do not serve /metrics')
    .addHelpText(
      'after',
      examples(['kiln serve --port 8080 --data /var/lib/kiln', 'kiln serve --registry ghcr.io/me --public-url https://kiln.example.com']),
    )
    .action(does(async (options: ServeOptions) => (await import('./commands/serve.ts')).serve(io, options)))
  addKeys(program, io, does)
}

function addKeys(program: Command, io: Io, does: Does): void {
  const keys = program
    .command('keys')
    .description('make and end the API keys of a server, also while it runs')
    .addHelpText('after', examples(['kiln keys create --tenant acme', 'kiln keys ls']))
  const sub = (name: string, says: string, example: string): Command =>
    withJson(keys.command(name), says)
      .addOption(serverData())
      .addHelpText('after', examples([example]))
  const id = (): Argument => new Argument('<id>', 'of a key, as kiln keys ls shows it')
  sub('create', 'make a key; it is shown this once', 'kiln keys create --tenant acme --scope read --scope build')
    .requiredOption('--tenant <name>', 'whose builds the key is for')
    .option('--name <text>', 'what it is for')
    .option('--scope <scope>', 'read, build, deploy or admin (repeat; default: read and build)', collect)
    .option('--expires <duration>', 'how long it is good for, as 90d (default: for ever)')
    .action(does(async (options: CreateOptions) => (await import('./commands/keys.ts')).createKey(io, options)))
  sub('ls', 'list keys, without their secrets', 'kiln keys ls --tenant acme')
    .option('--tenant <name>', 'only those of this tenant')
    .action(does(async (options: ListKeysOptions) => (await import('./commands/keys.ts')).listKeys(io, options)))
  sub('revoke', 'end a key for good, within a second', 'kiln keys revoke 1f0c2ab34d5e6f70')
    .addArgument(id())
    .action(does(async (key: string, options: KeysOptions) => (await import('./commands/keys.ts')).revokeKey(io, key, options)))
  sub('rotate', 'give a key another secret; the old one ends within a second', 'kiln keys rotate 1f0c2ab34d5e6f70')
    .addArgument(id())
    .action(does(async (key: string, options: KeysOptions) => (await import('./commands/keys.ts')).rotateKey(io, key, options)))
}

/** Also under the name that a server's operator looks for. */
function serverData(): Option {
  return new Option('--data, --data-dir <dir>', 'where builds and keys are kept (default: $KILN_DATA_DIR, else ~/.local/share/kiln)')
}

function sourced(program: Command, name: string, says: string): Command {
  return withJson(program.command(name), says).addArgument(
    new Argument('<source>', 'a directory, a tar or tar.gz file, or - for standard input'),
  )
}

function withJson(command: Command, says: string): Command {
  return command.description(says).option('--json', 'one JSON document on standard output, nothing else')
}

/** The options that say how to plan: each one is a field of the Config. */
function planned(command: Command, lines: readonly string[]): Command {
  return command
    .option('--config <file>', 'lay this file over kiln.json of the source')
    .option('--unit <dir>', 'the directory of the source to build')
    .option('--entrypoint <file>', 'the file that starts')
    .option('--port <number>', 'the port the program listens on')
    .option('--framework <name>', 'such as fastapi, flask, express')
    .addOption(
      new Option('--language <name>', 'when the source has several').choices(['python', 'javascript', 'typescript', 'go', 'static']),
    )
    .option('--runtime-version <version>', 'of Python or Node')
    .addOption(new Option('--package-manager <name>', 'when the source has several').choices(packageManagers))
    .option('--base <image>', 'an image to build on')
    .option('--edition <name>', 'of the default rules, such as 2026.11, or next; kiln plan shows what it changes')
    .option('--system-package <name>', 'a Debian package the image needs more (repeat)', collect)
    .option('--keep <pattern>', 'do not leave this out of a directory by default (repeat)', collect)
    .addHelpText('after', examples(lines))
}

function dataDir(): Option {
  return new Option('--data-dir <dir>', 'where builds are kept (default: $KILN_DATA_DIR, else ~/.local/share/kiln)')
}

function examples(lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}\n`).join('')}`
}

function exitCodeHelp(): string {
  return `\nExamples:\n  $ kiln plan .\n  $ kiln build . --name agent\n\nExit codes:\n${exitCodes.map(({ code, means }) => `  ${String(code).padEnd(4)} ${means}\n`).join('')}`
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
}
