import type { Engine, Kiln } from '@kiln/core'
import type { Uploads } from '../uploads/uploads.ts'
import type { Meter } from './meter.ts'

const remembered = 1000

/** The engine, whose accepted builds are counted. The views of the last tenants are kept, since every request wants one. */
export function countedEngine(engine: Engine, meter: Meter): Engine {
  const views = new Map<string, Kiln>()
  const view = (tenant: string): Kiln => {
    const kiln = engine.for(tenant)
    const build: Kiln['build'] = async (request, options) => {
      const accepted = await kiln.build(request, options)
      meter.accepted(accepted.reuse)
      return accepted
    }
    return { ...kiln, build }
  }
  return {
    for(tenant) {
      const known = views.get(tenant)
      if (known) return known
      const made = view(tenant)
      views.set(tenant, made)
      if (views.size > remembered) views.delete(views.keys().next().value!)
      return made
    },
    drain: (options) => engine.drain(options),
    prune: (options) => engine.prune(options),
    load: () => engine.load(),
    writable: () => engine.writable(),
    ended: () => engine.ended(),
    probe: (options) => engine.probe(options),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

export function countedUploads(uploads: Uploads, meter: Meter): Uploads {
  return {
    async keep(kiln, bytes, options) {
      const kept = await uploads.keep(kiln, bytes, options)
      meter.uploaded(kept.bytes)
      return kept
    },
    async form(kiln, request, options) {
      const form = await uploads.form(kiln, request, options)
      if (form.file) meter.uploaded(form.file.bytes)
      return form
    },
    open: (kiln, digest, options) => uploads.open(kiln, digest, options),
  }
}
