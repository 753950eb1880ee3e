import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { hashTree } from '../../src/context/hash.ts'
import { directory } from '../../src/source/directory.ts'

/** Path to content; `{ link }`, `{ run }` (executable) and `{ folder }` for what is not a plain file. */
export type Spec = Record<string, string | Buffer | { link: string } | { run: string } | { folder: true }>

/** A fresh temporary directory, removed when the test is over. */
export function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'kiln-context-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function makeTree(spec: Spec, root: string = temporary()): string {
  for (const [path, content] of Object.entries(spec)) {
    const at = join(root, path)
    mkdirSync(dirname(at), { recursive: true })
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(at, content)
    else if ('link' in content) symlinkSync(content.link, at)
    else if ('folder' in content) mkdirSync(at, { recursive: true })
    else {
      writeFileSync(at, content.run)
      chmodSync(at, 0o755)
    }
  }
  return root
}

/** Everything a tar has to carry: sizes around blocks and chunks, long and foreign names, links, modes, empty things. */
export const varied: Spec = {
  'a.txt': 'alpha\n',
  empty: '',
  block: 'b'.repeat(512),
  chunk: Buffer.alloc(2 ** 20 + 1, 'c'),
  'run.sh': { run: '#!/bin/sh\necho hi\n' },
  hollow: { folder: true },
  link: { link: 'dir/inner.txt' },
  dangling: { link: 'nowhere' },
  'dir/inner.txt': 'inner\n',
  'dir/up': { link: '../a.txt' },
  'dir-b': 'between dir and dir/ by its bytes\n',
  'grüße/日本.txt': 'foreign\n',
  '\u{ff61}': 'before the next by bytes, after it by UTF-16\n',
  '\u{1f600}': 'emoji\n',
  ['__proto__']: 'a legal name\n',
  [`${'p'.repeat(90)}/${'n'.repeat(90)}`]: 'cut into prefix and name\n',
  [`deep/${`${'d'.repeat(60)}/`.repeat(4)}file`]: 'longer than a prefix\n',
  ['x'.repeat(150)]: 'a name nothing but pax can hold\n',
  [`${'e'.repeat(99)}/f`]: 'a directory of 100 bytes with its slash\n',
  [`${'g'.repeat(100)}/f`]: 'a directory of 101 bytes with its slash\n',
  longlink: { link: `deep/${`${'d'.repeat(60)}/`.repeat(4)}file` },
}

/** Many small files: enough for threads. */
export function manyFiles(count: number): Spec {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`d${i % 67}/e${i % 2}/f${i}.txt`, `content of ${i}\n`.repeat(i % 50)]))
}

export async function digestOf(root: string): Promise<string> {
  return (await hashTree(await directory(root, { ignore: 'as-given' }))).digest
}

export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of bytes) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/** Where the open descriptors of this process lead that lie below `root`. */
export function openBelow(root: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    })
    .filter((path) => path.startsWith(root))
}

export function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
