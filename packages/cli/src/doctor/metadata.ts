import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import type { Io } from '../io.ts'
import type { Check } from './check.ts'

const address = '169.254.169.254'
const rule = `iptables -w -t raw -I PREROUTING -d ${address} -p tcp ! --dport 53 -j DROP`

/** A cloud hands out the machine's credentials there, to every step of a build too, unless somebody closes it. Nothing is asked of it. */
export async function checkMetadata(io: Pick<Io, 'reaches'>): Promise<Check> {
  if (!(await io.reaches(address, 80))) return metadataCheck(false, undefined)
  return metadataCheck(true, await rawRules())
}

/** `rules` as `iptables -S` prints them; undefined where they cannot be read. */
export function metadataCheck(answers: boolean, rules: string | undefined): Check {
  const name = 'metadata'
  if (!answers) return { name, status: 'ok', message: `no cloud answers this machine at ${address}` }
  if (closing.test(rules ?? ''))
    return { name, status: 'ok', message: `${address} answers this machine, and a rule keeps containers from it` }
  const seen =
    rules === undefined ? '; whether a rule keeps containers from it only root can see' : ', and no rule keeps containers from it'
  return {
    name,
    status: 'warn',
    message: `a cloud hands out this machine's credentials at ${address}${seen}`,
    fix: `before building for others: ${rule} (docs/security.md has the other addresses)`,
  }
}

/** A rule for all that comes in, for TCP, or for TCP's port 80 or all of its ports but names'. With any other condition it may let it through. */
const closing =
  /^-A PREROUTING -d 169\.254\.(169\.254\/32|0\.0\/16)( -p tcp( -m tcp (--dport 80|! --dport 53))?)?( -m comment --comment ("[^"]*"|\S+))? -j DROP$/m

function rawRules(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('iptables', ['-t', 'raw', '-S', 'PREROUTING'], { timeout: 3000 }, (error, out) => resolve(error ? undefined : out))
  })
}

/** Whether somebody accepts a connection within half a second; it is closed at once. */
export function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 })
    const end = (answers: boolean) => (): void => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}
