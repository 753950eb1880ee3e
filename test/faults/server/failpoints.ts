// To be imported before everything else: it puts points at which this process can be told to kill itself below the file system and SQLite,
// and lays them around stores and blobs. No product code knows of them.
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import fs from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { StatementSync, type StatementResultingChanges } from 'node:sqlite'

let armed: { readonly point: string; passes: number } | undefined

/** From now on: the process ends by SIGKILL when it has come to this point `passes` times before. */
export function arm(point: string, passes: number): void {
  armed = { point, passes }
}

/** kill -9, here and now, when this point is armed */
export function reached(point: string): void {
  if (armed?.point !== point || armed.passes-- > 0) return
  process.kill(process.pid, 'SIGKILL')
}

/** The same object, with `<name>: <method> begins` and `ended` around its methods. */
export function withPoints<T extends object>(name: string, of: T, methods: readonly (keyof T & string)[]): T {
  const wrapped = methods.map((method) => {
    const own = of[method] as (...words: unknown[]) => Promise<unknown>
    const around = async (...words: unknown[]): Promise<unknown> => {
      reached(`${name}: ${method} begins`)
      const answer = await own.apply(of, words)
      reached(`${name}: ${method} ended`)
      return answer
    }
    return [method, around] as const
  })
  return { ...of, ...Object.fromEntries(wrapped) }
}

pointsOfFiles()
pointsOfRows()
pointsOfRequests()

function pointsOfFiles(): void {
  const { open, rename, unlink } = fs.promises
  fs.promises.open = async (path, flags, mode) => {
    const handle = await open(path, flags, mode)
    if (flags === 'wx') {
      reached('file: opened')
      writesOf(handle)
    } else syncsOfDirectory(handle)
    return handle
  }
  fs.promises.rename = async (from, to) => {
    await rename(from, to)
    reached('file: renamed')
  }
  fs.promises.unlink = async (path) => {
    await unlink(path)
    if (!String(path).includes('/.temporary')) reached('file: removed')
  }
  syncBuiltinESMExports()
}

function writesOf(handle: FileHandle): void {
  const [write, sync] = [handle.write.bind(handle) as (...words: unknown[]) => unknown, handle.sync.bind(handle)]
  handle.write = (async (...words: unknown[]) => {
    const written = await write(...words)
    reached('file: partly written')
    return written
  }) as typeof handle.write
  handle.sync = async () => {
    reached('file: not synced')
    await sync()
    reached('file: synced')
  }
}

function syncsOfDirectory(handle: FileHandle): void {
  const sync = handle.sync.bind(handle)
  handle.sync = async () => {
    await sync()
    reached('directory: synced')
  }
}

function pointsOfRows(): void {
  const run = Reflect.get(StatementSync.prototype, 'run') as (...words: unknown[]) => StatementResultingChanges
  StatementSync.prototype.run = function counted(this: StatementSync, ...words: unknown[]): StatementResultingChanges {
    const { sourceSQL } = this
    if (sourceSQL === 'commit') reached('rows: before commit')
    const answer = run.apply(this, words)
    if (sourceSQL === 'commit') reached('rows: after commit')
    else if (sourceSQL.startsWith('insert')) reached(`rows: ${/into (\w+)/.exec(sourceSQL)?.[1]}`)
    return answer
  }
}

function pointsOfRequests(): void {
  subscribe('http.server.request.start', (message) => {
    if (armed?.point !== 'body: half received') return
    const { request } = message as { readonly request: IncomingMessage }
    if (request.method !== 'GET') request.on('data', () => reached('body: half received'))
  })
  subscribe('http.server.response.finish', (message) => {
    const { response } = message as { readonly response: ServerResponse }
    if (response.statusCode === 201) reached('answered')
  })
}
