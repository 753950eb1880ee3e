// A cloud machine's metadata address, played by a network namespace behind a veth pair: what builds reach before and after the
// rules of docs/security.md. Needs root, and an engine whose containers are on this machine.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, engines } from './docker-engine.ts'

const { host, all } = await engines()
const here = Object.values(all).includes(host) && host.startsWith('unix:///run/kiln-rig')
const able = process.getuid?.() === 0 && here && existsSync('/usr/sbin/iptables')
const rules = [...readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8').matchAll(/^ip6?tables -w .+$/gm)].map(
  ([line]) => line,
)
const [space, near, far] = [`kiln-meta-${process.pid}`, `km${process.pid}a`, `km${process.pid}b`]
const owner = 'metadata-test'
const cache = 'refresh' as const

const sh = (line: string): string => execFileSync('sh', ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const without = (rule: string): string => rule.replace(' -I ', ' -D ')
const quietly = (line: string): void => void sh(`${line} 2>/dev/null || true`)
let answering: ChildProcess | undefined

describe.skipIf(!able)('the metadata address (needs root, and the engine of the rig)', () => {
  beforeAll(async () => {
    for (const line of [
      `ip netns add ${space}`,
      `ip link add ${near} type veth peer name ${far} netns ${space}`,
      `ip addr add 198.18.77.1/30 dev ${near} && ip link set ${near} up`,
      `ip -n ${space} addr add 198.18.77.2/30 dev ${far} && ip -n ${space} link set ${far} up`,
      `ip -n ${space} link set lo up && ip -n ${space} addr add 169.254.169.254/32 dev lo`,
      `ip -n ${space} route add default via 198.18.77.1`,
      `ip route add 169.254.169.254/32 via 198.18.77.2`,
    ])
      sh(line)
    const code = `require('http').createServer((_, a) => a.end('not for builds')).listen(80, '169.254.169.254', () => console.log('up'))`
    answering = spawn('ip', ['netns', 'exec', space, process.execPath, '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(answering.stdout!, 'data')
  })
  afterAll(() => {
    for (const rule of rules) quietly(without(rule))
    answering?.kill('SIGKILL')
    quietly('ip route del 169.254.169.254/32 via 198.18.77.2')
    quietly(`ip link del ${near}`)
    quietly(`ip netns del ${space}`)
  })

  const ask = `python -c "import urllib.request as u; print(u.urlopen('http://169.254.169.254/', timeout=4).read())"`
  const fetching = (needs: readonly string[]) => build({ host, owner }, { dockerfile: `FROM python:3.11-slim\nRUN ${ask}\n`, needs, cache })

  test('is reached by a build until the rules of docs/security.md are there, and package indexes still are', async () => {
    expect(rules).toHaveLength(4)
    for (const needs of [[], ['buildkit']]) expect((await fetching(needs)).lines.join('\n')).toContain('not for builds')
    for (const rule of rules) sh(rule)
    for (const needs of [[], ['buildkit']]) {
      const ran = await fetching(needs)
      expect(ran.built).toBeUndefined()
      expect(ran.lines.join('\n')).toContain('timed out')
    }
    const pip = 'RUN pip download --no-deps --dest /tmp six==1.17.0\n'
    expect((await build({ host, owner }, { dockerfile: `FROM python:3.11-slim\n${pip}`, cache })).error).toBeUndefined()
    expect(sh('curl -s --max-time 5 http://169.254.169.254/')).toBe('not for builds')
  })
})

test('a step cannot have the network of the host', async () => {
  const dockerfile = `FROM python:3.11-slim\nRUN --network=host echo reached the host\n`
  const ran = await build({ host, owner }, { dockerfile, needs: ['buildkit'], cache })
  expect(ran.built).toBeUndefined()
  expect(ran.lines.join('\n')).not.toContain('reached the host')
  expect(String(ran.error)).toContain('network.host')
})
