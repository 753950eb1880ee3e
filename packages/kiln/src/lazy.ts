import type { Driver, Images } from '@kiln/core'

/** A driver whose package is loaded when it is first asked something: an import that only plans stays small. */
export function lazyDriver(name: string, load: () => Promise<Driver>): Driver {
  let loaded: Promise<Driver> | undefined
  const driver = (): Promise<Driver> => (loaded ??= load())
  const images = async (): Promise<Images | undefined> => (await driver()).images
  return {
    name,
    probe: async (options) => (await driver()).probe(options),
    build: async (job, io) => (await driver()).build(job, io),
    reap: async (alive, options) => (await driver()).reap(alive, options),
    images: {
      resolve: async (ref, options) => (await images())?.resolve(ref, options),
      tag: async (ref, as, options) => (await images())?.tag(ref, as, options),
      untag: async (ref, options) => (await images())?.untag(ref, options),
    },
    async [Symbol.asyncDispose]() {
      if (loaded) await (await loaded)[Symbol.asyncDispose]()
    },
  }
}
