import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKiln, type Engine, type OpenOptions } from '@kiln/kiln'
import { createHandler, createKeys, nativeWithKeys, pipecat, runagents, scale, systemTenant } from '@kiln/server'
import type { Handler, HandlerOptions, Keys, Scope } from '@kiln/server'
import { listen } from '@kiln/server/node'
import { fakeDriver, type FakeDriver } from '@kiln/testkit/driver'
import { behaviour } from './behaviour.ts'
import { send, type Ask, type Reply } from './wire.ts'

/** Who asks: the tenants `acme` and `other`, and keys of acme that can do less. */
export const callers = ['acme', 'other', 'reader', 'admin', 'revoked', 'expired'] as const
export type Caller = (typeof callers)[number]

/** A server as `kiln serve` makes it, on a socket, but with a driver in memory. */
export interface World extends AsyncDisposable {
  readonly address: string
  readonly engine: Engine
  readonly driver: FakeDriver
  readonly handler: Handler
  readonly dataDir: string
  readonly keys: Readonly<Record<Caller, string>>
  /** ms that the server's clock is ahead */
  readonly clock: { ahead: number }
  /** with the key of a caller, acme's by default; '' sends none */
  ask(ask: Ask & { readonly as?: Caller | '' }): Promise<Reply>
  /** files in temporary folders: of the blobs, and spooled archives */
  leftovers(): readonly string[]
  /** builds of all tenants */
  builds(): Promise<number>
  /** the build has ended */
  ended(id: string, tenant?: string): Promise<void>
}

interface Options {
  readonly engine?: Partial<OpenOptions>
  readonly handler?: Partial<HandlerOptions>
}

/** where the system has its temporary files: worlds are made here, and archives spooled in a folder of theirs */
const base = tmpdir()

export async function world({ engine: engineOptions, handler: options }: Options = {}): Promise<World> {
  const dataDir = mkdtempSync(join(base, 'kiln-http-'))
  const spools = mkdtempSync(join(dataDir, 'spools-'))
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = spools
  const driver = fakeDriver({ build: behaviour })
  const clock = { ahead: 0 }
  const now = (): number => Date.now() + clock.ahead
  const engine = await openKiln({ dataDir, drivers: [driver], planning: 'apart', platform: 'linux/amd64', ...engineOptions })
  const keys = createKeys(engine.for(systemTenant).documents, { now })
  let handler: Handler | undefined
  const server = await listen({
    handler: (address) =>
      (handler = createHandler({
        engine,
        authenticate: keys.authenticate,
        publicUrl: address,
        apis: [nativeWithKeys(keys), runagents, scale, pipecat],
        dataDir,
        now,
        ...options,
        limits: { ratePerMinute: 1_000_000, diskFloor: 0, ...options?.limits },
      })),
  })
  const made = await makeKeys(keys, createKeys(engine.for(systemTenant).documents, { now: () => 1 }))
  return {
    address: server.address,
    engine,
    driver,
    handler: handler!,
    dataDir,
    keys: made,
    clock,
    ask: ({ as = 'acme', headers = [], ...ask }) =>
      send(server.address, { ...ask, headers: [...(as === '' ? [] : [['authorization', `Bearer ${made[as]}`] as const]), ...headers] }),
    leftovers: () => [...readdirSync(join(dataDir, 'blobs/.temporary')), ...readdirSync(spools)],
    builds: async () => (await Promise.all(['acme', 'other'].map((tenant) => engine.for(tenant).count({})))).reduce((a, b) => a + b, 0),
    ended: async (id, tenant = 'acme') => void (await (await engine.for(tenant).get(id))!.result()),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** `long` was there in 1970: what it made for a moment has expired. */
async function makeKeys(keys: Keys, long: Keys): Promise<World['keys']> {
  const make = (tenant: string, scopes: readonly Scope[]): ReturnType<Keys['create']> => keys.create({ tenant, scopes })
  const [acme, other, reader, admin, revoked, expired] = await Promise.all([
    make('acme', ['read', 'build']),
    make('other', ['read', 'build']),
    make('acme', ['read']),
    make('acme', ['read', 'build', 'deploy', 'admin']),
    make('acme', ['read', 'build']),
    long.create({ tenant: 'acme', scopes: ['read', 'build'], expiresAt: 2 }),
  ])
  await keys.revoke(revoked.record.id)
  return { acme: acme.key, other: other.key, reader: reader.key, admin: admin.key, revoked: revoked.key, expired: expired.key }
}
