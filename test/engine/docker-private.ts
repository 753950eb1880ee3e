import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from './docker-engine.ts'

/** A Docker Engine of a test's own, to be killed and filled: binaries of the rig, everything else in a directory that goes. */
export interface PrivateEngine extends AsyncDisposable {
  readonly host: string
  /** kill -9, as a power cut: nothing is cleaned up */
  kill(): Promise<void>
  /** an ordinary stop: the engine ends its containers first */
  stop(): Promise<void>
  start(): Promise<void>
}

const binaries = '/opt/kiln-rig/engine28/usr'

/** Why none can be started here, or undefined. */
export function noPrivateEngine(): string | undefined {
  if (process.getuid?.() !== 0) return 'a second engine can be started by root only'
  return existsSync(join(binaries, 'sbin/dockerd')) ? undefined : 'the rig has not installed its engines here'
}

/** Starts one; with `bytes` its data lies on a disk (in memory) of that size. */
export async function privateEngine({ registry, bytes }: { readonly registry: string; readonly bytes?: number }): Promise<PrivateEngine> {
  const dir = mkdtempSync('/tmp/kiln-engine-')
  const [data, exec, socket] = [join(dir, 'data'), join(dir, 'exec'), join(dir, 'docker.sock')]
  mkdirSync(data)
  if (bytes !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', data])
  const log = openSync(join(dir, 'log'), 'a')
  let engine = 0
  const args = [
    '--data-root',
    data,
    '--exec-root',
    exec,
    '--pidfile',
    join(dir, 'pid'),
    '--config-file',
    join(dir, 'daemon.json'),
    '-H',
    `unix://${socket}`,
  ]
  const network = [
    '--bridge',
    'none',
    '--iptables=false',
    '--ip6tables=false',
    '--shutdown-timeout',
    '2',
    '--feature',
    'containerd-snapshotter=false',
    '--registry-mirror',
    `http://${registry}`,
  ]
  writeFileSync(join(dir, 'daemon.json'), '{}')
  const start = async (): Promise<void> => {
    rmSync(join(dir, 'pid'), { force: true })
    const child = spawn(join(binaries, 'sbin/dockerd'), [...args, ...network], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: `${binaries}/sbin:${binaries}/bin:${process.env['PATH']}` },
    })
    engine = child.pid ?? 0
    child.unref()
    for (let tries = 0; tries < 300; tries++) {
      if ((await ask(`unix://${socket}`, '/_ping').catch(() => undefined))?.status === 200) return
      await sleep(100)
    }
    throw new Error(`the engine did not start: ${readFileSync(join(dir, 'log'), 'utf8').slice(-2000)}`)
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL', patienceMs = 30_000): Promise<void> => {
    const pid = engine
    if (pid > 0 && existsSync(`/proc/${pid}`)) process.kill(pid, signal)
    // its containerd would wait for it to come back; the steps' own processes are left to the next engine
    if (signal === 'SIGKILL') for (const other of ofDirectory(dir, 'containerd')) kill(other)
    for (let tries = 0; tries * 50 < patienceMs && existsSync(`/proc/${pid}/exe`) && !isZombie(pid); tries++) await sleep(50)
  }
  await start()
  return {
    host: `unix://${socket}`,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async [Symbol.asyncDispose]() {
      await end('SIGTERM', 3000)
      await end('SIGKILL')
      for (const pid of [...ofDirectory(dir), ...rootedIn(dir)]) kill(pid)
      closeSync(log)
      for (const mount of mountsBelow(dir)) execFileSync('umount', ['-l', mount])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** Processes of a program whose command line names our directory: containerd and its shims. */
function ofDirectory(dir: string, program = 'containerd*'): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const [path = '', ...rest] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      const isOurs =
        rest.some((word) => word.includes(`${dir}/`)) &&
        (program.endsWith('*') ? basename(path).startsWith(program.slice(0, -1)) : basename(path) === program)
      return isOurs ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

/** Steps that outlived their engine: processes whose root lies in our directory. */
function rootedIn(dir: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const roots = readFileSync(`/proc/${name}/mountinfo`, 'utf8')
        .split('\n')
        .filter((line) => line.split(' ')[4] === '/')
      return roots.some((line) => line.includes(`${dir}/`)) ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}

function mountsBelow(dir: string): readonly string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return mounts.filter((mount) => mount.startsWith(`${dir}/`)).toReversed()
}
