import type { KeyRecord, Keys, Scope } from '@kiln/server'
import { openEngine } from '../data-dir.ts'
import type { Io } from '../io.ts'
import { plainText } from '../terminal/text.ts'
import { age, duration } from '../terminal/units.ts'

export interface KeysOptions {
  readonly json?: true
  readonly dataDir?: string
}

export interface CreateOptions extends KeysOptions {
  readonly tenant: string
  readonly name?: string
  readonly scope?: readonly string[]
  readonly expires?: string
}

export interface ListKeysOptions extends KeysOptions {
  readonly tenant?: string
}

/** `kiln keys create`: prints the key, the only time that anybody sees it. */
export async function createKey(io: Io, options: CreateOptions): Promise<number> {
  const { tenant, name, scope, expires } = options
  return withKeys(io, options, async (keys) => {
    const made = await keys.create({
      tenant,
      ...(name !== undefined && { name }),
      ...(scope && { scopes: scope.flatMap((one) => one.split(',')) as Scope[] }),
      ...(expires !== undefined && { expiresAt: io.now() + duration(expires, '--expires') }),
    })
    return shownOnce(io, options, made)
  })
}

/** `kiln keys rotate`: the same key with another secret; the old one ends within a second. */
export async function rotateKey(io: Io, id: string, options: KeysOptions): Promise<number> {
  return withKeys(io, options, async (keys) => shownOnce(io, options, await keys.rotate(id)))
}

/** `kiln keys revoke` */
export async function revokeKey(io: Io, id: string, options: KeysOptions): Promise<number> {
  return withKeys(io, options, async (keys) => {
    const record = await keys.revoke(id)
    if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, key: record })}\n`)
    else io.stdout.write(`${record.id} revoked\n`)
    return 0
  })
}

/** `kiln keys ls` */
export async function listKeys(io: Io, options: ListKeysOptions): Promise<number> {
  return withKeys(io, options, async (keys) => {
    const records = await keys.list(options.tenant)
    if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, keys: records })}\n`)
    else if (records.length === 0) io.stderr.write('no keys; kiln keys create --tenant NAME makes one\n')
    else io.stdout.write(table(records, io.now()))
    return 0
  })
}

/** The key alone on standard output, what it is on standard error. */
function shownOnce(io: Io, { json }: KeysOptions, { key, record }: Awaited<ReturnType<Keys['create']>>): number {
  if (json) {
    const { id, tenant, name, scopes, createdAt, expiresAt } = record
    io.stdout.write(
      `${JSON.stringify({ key, version: 1, id, tenant, name, scopes, createdAt, ...(expiresAt !== undefined && { expiresAt }) })}\n`,
    )
    return 0
  }
  io.stderr.write(`key ${record.id} of ${record.tenant} (${record.scopes.join(', ')}); it is not shown again:\n`)
  io.stdout.write(`${key}\n`)
  return 0
}

function table(records: readonly KeyRecord[], now: number): string {
  const rows = records.map(({ id, tenant, scopes, name, createdAt, expiresAt, revokedAt }) => [
    id,
    tenant,
    scopes.join(','),
    revokedAt !== undefined ? 'revoked' : expiresAt === undefined ? 'good' : expiresAt > now ? `${age(expiresAt - now)} left` : 'expired',
    age(now - createdAt),
    plainText(name),
  ])
  const all = [['ID', 'TENANT', 'SCOPES', 'STATE', 'AGE', 'NAME'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

async function withKeys(io: Io, options: KeysOptions, work: (keys: Keys) => Promise<number>): Promise<number> {
  const { createKeys, systemTenant } = await import('@kiln/server')
  await using engine = await openEngine(io, options.dataDir, { worker: false })
  return await work(createKeys(engine.for(systemTenant).documents, { now: () => io.now() }))
}
